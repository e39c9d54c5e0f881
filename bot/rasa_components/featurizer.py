"""Sentence vectors as Rasa features, from the same encoder that the knowledge index uses."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from kb_index.encoder import Encoder


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds one float32 vector of shape (1, dimension) to each text.

    A message whose intent the gateway knows (a tap on a button) needs no understanding and is left without a vector.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**DenseFeaturizer.get_default_config(), "encoder": "models/encoder", "threads": None}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check beyond what loading the encoder checks."""

    @staticmethod
    def required_packages() -> list[str]:
        return ["onnxruntime", "tokenizers"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoderFeaturizer:
        return cls(config, execution_context.node_name)

    def __init__(self, config: dict[str, Any], name: str) -> None:
        super().__init__(name, config)
        self._encoder = Encoder.load(config["encoder"], threads=config["threads"])
        self._origin = f"{type(self).__name__}:{self._encoder.fingerprint}"

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        examples = [e for e in training_data.training_examples if e.get(TEXT)]
        self._add_vectors(examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        self._add_vectors([m for m in messages if m.get(TEXT) and not given_intent(m)])
        return messages

    def _add_vectors(self, messages: list[Message]) -> None:
        vectors = self._encoder.encode_queries([m.get(TEXT) for m in messages])
        for message, vector in zip(messages, vectors):
            feature = Features(
                np.asarray(vector, dtype=np.float32).reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, self._origin
            )
            message.add_features(feature)


def given_intent(message: Message) -> str | None:
    """The intent that the gateway knows already: of a button, a filled form, a wish for a language."""
    return (message.get("metadata") or {}).get("intent")
