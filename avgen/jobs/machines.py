"""What `--engine`, `--address` and `--devices` mean: where clips are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from avgen.errors import InputError
from avgen.jobs.devices import find_devices
from avgen.jobs.engine import Engine
from avgen.pipeline import Observer


@dataclass(frozen=True, slots=True)
class Machines:
    """Where clips are made.

    Attributes:
        devices: of this machine; `cpu` or `cuda` alone if Ray places the workers.
        on_ray: whether Ray does.
    """

    devices: tuple[str, ...]
    on_ray: bool = False

    @property
    def device(self) -> str:
        """Class of device that computes, `cpu` or `cuda`."""
        return self.devices[0].split(":")[0]

    def engine(self, workers: int | None, jobs: int) -> Callable[[Observer], Engine] | None:
        """Return what makes the engine; None for the driver's own.

        Args:
            workers: how many; None for what suits the machines.
            jobs: clips to be made: more workers than that would idle.
        """
        if not self.on_ray:
            return None
        from avgen.jobs.ray_engine import RayEngine

        return partial(RayEngine, device=self.device, workers=workers, jobs=jobs)


def find_machines(engine: str, address: str | None, devices: str) -> Machines:
    """Find the devices, and connect to Ray if it is asked for.

    Args:
        engine: one of ENGINES.
        address: of a Ray cluster.
        devices: as in `find_devices`; with Ray `cpu`, `cuda` or `auto`.

    Raises:
        InputError: for devices or a cluster that are not there.
    """
    if engine == "local":
        if address is not None:
            raise InputError("--address is that of a Ray cluster: give --engine ray too.")
        return Machines(find_devices(devices))
    if devices not in ("cpu", "cuda", "auto"):
        raise InputError(f"devices: with Ray, which shares GPUs out: cpu, cuda or auto, got {devices!r}.")
    from avgen.jobs.ray_engine import connect, has_gpus

    connect(address)
    cuda = devices == "cuda" or (devices == "auto" and has_gpus())
    return Machines(("cuda",) if cuda else ("cpu",), on_ray=True)
