"""The intent of a message, from the encoder's vector and its wording, with a probability that means something.

Rasa's own classifiers on dense features fix their regularisation, which on unit vectors gives near-uniform confidences.
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

from bot.rasa_components.featurizer import given_intent
from bot.rasa_components.kernel_model import KernelModel

RANKING_LENGTH = 5


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class VectorIntentClassifier(GraphComponent, IntentClassifier):
    """Predicts the intent; what the gateway knows has confidence 1."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"width": 0.5, "ridge": 0.05, "share": 0.3, "prior": {}}

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
        model: KernelModel | None,
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
        labels = [e.get(INTENT) for e in examples]
        self._model = KernelModel.fit(
            vectors,
            [e.get(TEXT) for e in examples],
            labels,
            width=float(self._config["width"]),
            ridge=float(self._config["ridge"]),
            share=float(self._config["share"]),
            prior={str(intent): float(factor) for intent, factor in self._config["prior"].items()},
        )
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
            ranking = self._given(message) or self._predict(message)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    @staticmethod
    def _given(message: Message) -> list[dict[str, Any]] | None:
        intent = given_intent(message)
        return [{INTENT_NAME_KEY: intent, PREDICTED_CONFIDENCE_KEY: 1.0}] if intent else None

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
        probabilities = self._model.probabilities(feature.features[0], message.get(TEXT))
        best = np.argsort(-probabilities)[:RANKING_LENGTH]
        return [
            {INTENT_NAME_KEY: str(self._model.labels[i]), PREDICTED_CONFIDENCE_KEY: float(probabilities[i])}
            for i in best
        ]
