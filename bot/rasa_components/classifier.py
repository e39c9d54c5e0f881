"""The intent of a message: multinomial logistic regression on the encoder's vectors.

Rasa's own LogisticRegressionClassifier fixes C=1, which on unit vectors gives near-uniform confidences.
"""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.linear_model import LogisticRegression

from bot.rasa_components.featurizer import is_choice

RANKING_LENGTH = 5


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class VectorIntentClassifier(GraphComponent, IntentClassifier):
    """Predicts the intent; a tap's intent is what the gateway says it is, with confidence 1."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"C": 100.0, "max_iter": 400}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> VectorIntentClassifier:
        return cls(config, model_storage, resource, None, "")

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: LogisticRegression | None,
        origin: str,
    ) -> None:
        self._config, self._storage, self._resource = config, model_storage, resource
        self._model, self._origin = model, origin

    def train(self, training_data: TrainingData) -> Resource:
        examples = [e for e in training_data.intent_examples if e.get(INTENT) and e.get(TEXT)]
        if not examples:
            raise RasaException("There are no NLU examples to train the intent classifier on; see data/nlu.")
        features = [e.get_dense_features(TEXT)[1] for e in examples]
        vectors = np.vstack([f.features for f in features])
        self._origin = features[0].origin
        self._model = LogisticRegression(
            C=float(self._config["C"]), max_iter=int(self._config["max_iter"]), class_weight="balanced", random_state=0
        )
        self._model.fit(vectors, [e.get(INTENT) for e in examples])
        with self._storage.write_to(self._resource) as directory:
            joblib.dump({"model": self._model, "origin": self._origin}, directory / "classifier.joblib")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> VectorIntentClassifier:
        with model_storage.read_from(resource) as directory:
            stored = joblib.load(directory / "classifier.joblib")
        return cls(config, model_storage, resource, stored["model"], stored["origin"])

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = self._chosen(message) if is_choice(message) else self._predict(message)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    @staticmethod
    def _chosen(message: Message) -> list[dict[str, Any]]:
        metadata = message.get("metadata")
        intent = (metadata.get("tap") or metadata.get("form"))["intent"]
        return [{INTENT_NAME_KEY: intent, PREDICTED_CONFIDENCE_KEY: 1.0}]

    def _predict(self, message: Message) -> list[dict[str, Any]]:
        feature = message.get_dense_features(TEXT)[1]
        if feature is None:  # nothing was said
            return [{INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}]
        if feature.origin != self._origin:
            raise RasaException(
                f"The model was trained with the encoder {self._origin}, but {feature.origin} is installed. "
                "Run `make train`."
            )
        assert self._model is not None
        probabilities = self._model.predict_proba(feature.features)[0]
        best = np.argsort(-probabilities)[:RANKING_LENGTH]
        return [
            {INTENT_NAME_KEY: str(self._model.classes_[i]), PREDICTED_CONFIDENCE_KEY: float(probabilities[i])}
            for i in best
        ]
