"""Those who can perform a passage: the synthesiser, and a trained actor's joint flow."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from avgen.actors.actor import find_actor
from avgen.actors.components import Models
from avgen.emotion import Emotion
from avgen.stages.sample import finish
from scripts.mira.contact import Contact
from scripts.mira.dataset import Passage, perform_recording

Array = NDArray[np.float64]
STEPS = 9
"""Steps of the flow."""


class Performer(Protocol):
    """Gives a passage other motion."""

    def __call__(self, passage: Passage, emotion: Emotion, seed: int) -> Passage:
        """The passage as performed with one emotion."""


class Synthesiser:
    """Performs by rule."""

    def __init__(self, contact: Contact) -> None:
        self._contact = contact

    def __call__(self, passage: Passage, emotion: Emotion, seed: int) -> Passage:
        """The passage as performed with one emotion."""
        return perform_recording(passage, self._contact, seed, constant(passage, emotion))


class FlowPerformer:
    """Performs with an actor's joint flow, which is given the passage's own phoneme times."""

    def __init__(self, actor: str) -> None:
        self._models = Models(find_actor(actor))

    def __call__(self, passage: Passage, emotion: Emotion, seed: int) -> Passage:
        """The passage as performed with one emotion; its sound is the flow's as well."""
        from scripts.train.data import cues, frame_labels

        track = constant(passage, emotion)
        heard = cues(replace(passage, emotion=track), frame_labels(passage.phones, len(passage.mel)))
        flow = self._models["flow"]
        drawn = flow.sample({"tokens": heard.logits, "emotion": track}, seed, num_steps=STEPS)
        codes = finish(drawn, flow, self._models["head_vae"], heard._replace(mel=drawn["mel"]))
        return replace(
            passage,
            seed=seed,
            mel=codes["mel"],
            channels=self._models["avatar"].codec.channels(codes["face"]),
            head=codes["head"],
            emotion=track,
        )


def constant(passage: Passage, emotion: Emotion) -> NDArray[np.float32]:
    """Emotion track [N, 5] of a passage that does not change."""
    return np.tile(np.asarray(emotion, np.float32), (len(passage.mel), 1))
