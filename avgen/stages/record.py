"""What a finished file says about itself: its metadata, and its receipt."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import avgen
from avgen.exports import Material, export_path, synthetic, write_export
from avgen.files import part_file, publish
from avgen.inputs.clips import Listening, Recording, Scene, texts_of
from avgen.speech.recognition import RECOGNISE
from avgen.stages.spec import ClipSpec, stage_keys
from avgen.stages.table import FINAL_STAGE, KEPT
from avgen.takes.layout import state_folder
from avgen.takes.receipts import Receipt, hash_of, of_person, package_version


def tags(spec: ClipSpec, keys: Mapping[str, str]) -> dict[str, str]:
    """Return the metadata of a file: that it is synthetic, what it is, and whose likeness it shows."""
    what = synthetic(isinstance(spec.clip.source, Recording))
    about = {
        "comment": f"{what}, generated with avgen {avgen.__version__}, clip {keys[FINAL_STAGE]}.",
        "description": spec.consent,
    }
    if isinstance(spec.clip.source, Scene):
        who = " and ".join(actor.title for actor in spec.actors)
        about["title"] = f"Synthetic video of {who}, made with avgen"
        about["artist"] = f"{who} (synthetic actors)"
    return about


def _results(spec: ClipSpec, keys: Mapping[str, str]) -> dict[str, str]:
    """Content keys of what was made, and of what a scene's people are made of."""
    found = {stage.result: keys[stage.name] for stage in spec.road}
    if isinstance(spec.clip.source, Scene):
        for name, part in zip(spec.clip.source.dialogue.names, spec.parts, strict=True):
            of_part = stage_keys(part)
            found |= {of_person(name, result): of_part[stage] for result, stage in KEPT.items()}
    return found


def _transcript(spec: ClipSpec) -> str:
    """File of what is said in a recording, as seen from the output's folder; empty if there is none."""
    source = spec.clip.source
    if not isinstance(source, Recording):
        return ""
    if source.recognised:
        return RECOGNISE
    named = Path(source.transcript.where) if source.transcript else None
    return spec.from_output(named) if named is not None and named.is_file() else ""


def _partner(spec: ClipSpec) -> str:
    """File of the partner, as seen from the output's folder; empty if it is the clip's own or none."""
    partner = spec.clip.source.partner
    if partner is None or partner.channel or isinstance(spec.clip.source, Listening):
        return ""
    return spec.from_output(partner.path)


def _settings(spec: ClipSpec) -> dict[str, Any]:
    """Settings as a receipt holds them: files as seen from the output's folder."""
    config, actor, source = spec.config, spec.actor, spec.clip.source
    settings = {**config.to_json(), "camera": config.camera or actor.default_camera}
    settings["voice"] = "" if isinstance(source, Recording) else config.voice or actor.voice
    if config.background.image is not None:
        settings["background"] = spec.from_output(config.background.image)
    if isinstance(source, Scene):
        settings["layout"] = source.layout
    if config.lexicon:
        settings["lexicon"] = spec.from_output(Path(config.lexicon))
    return settings


def receipt(spec: ClipSpec, keys: Mapping[str, str], files: Mapping[str, str], frames: int) -> Receipt:
    """Return the record of a finished file.

    Args:
        spec: of its clip.
        keys: content keys of its stages.
        files: hashes of all that was made, by name.
        frames: its number of pictures.
    """
    source = spec.clip.source
    packages = {name for stage in spec.road for name in stage.packages}
    said = source.text if isinstance(source, Scene) else "\n".join(text.text for text in texts_of(source))
    return Receipt(
        key=keys[FINAL_STAGE],
        files=files,
        frames=frames,
        duration=frames / spec.config.fps,
        clip=spec.work,
        text=said,
        road=source.road,
        source=spec.source,
        source_sha256=source.sha256,
        transcript=_transcript(spec),
        partner=_partner(spec),
        speaker_channel=source.channel if isinstance(source, Recording) else "",
        actor=", ".join(actor.name for actor in spec.actors),
        consent=spec.consent,
        seed=spec.seed,
        settings=_settings(spec),
        weights=spec.weights,
        versions={
            "avgen": avgen.__version__,
            **{name: package_version(name) for name in sorted(packages)},
        },
        results=_results(spec, keys),
        replaced=hash_of(spec.output),
    )


def write_exports(material: Material, kinds: Collection[str], output: Path) -> dict[str, str]:
    """Write exports beside a video, each whole or not at all.

    Args:
        material: what they are made of.
        kinds: which.
        output: the video that they are named after.

    Returns:
        Their hashes by name.

    Raises:
        AvgenError: if one cannot be made.
    """
    made = {}
    for kind in kinds:
        path = export_path(output, kind)
        with part_file(state_folder(output.parent), path.name) as part:
            write_export(kind, material, part)
            made[path.name] = hash_of(part)
            publish(part, path)
    return made
