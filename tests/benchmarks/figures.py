"""What a benchmark hands back: figures, each with what it is compared with, and the table that shows them."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One measured value. `compared_with` says in words what `reference` is, which has the same unit."""

    name: str
    value: float
    unit: str
    compared_with: str = ""
    reference: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.reference if self.reference else None


def percentile(values: Sequence[float], share: float) -> float:
    """`share` is 0–100. Raises ValueError when nothing was measured."""
    if not values:
        raise ValueError("nothing was measured")
    return float(np.percentile(values, share))


def milliseconds(call: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    """How long the call took, and its result."""
    started = time.perf_counter()
    result = call(*arguments)
    return (time.perf_counter() - started) * 1000, result


def machine() -> dict[str, Any]:
    """The machine, as far as it explains figures."""
    described = Path("/proc/cpuinfo")
    lines = described.read_text(encoding="utf-8").splitlines() if described.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor(),
        "cpus": len(psutil.Process().cpu_affinity() or []),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "load_before": psutil.getloadavg()[0],
    }


def as_json(results: dict[str, list[Figure]], described: dict[str, Any]) -> dict[str, Any]:
    rows = {name: [{**asdict(f), "ratio": f.ratio} for f in figures] for name, figures in results.items()}
    return {"machine": described, "figures": rows}


def show(title: str, figures: Sequence[Figure]) -> None:
    table = Table("figure", "value", "compared with", "ratio", title=title, title_justify="left")
    table.columns[1].justify = table.columns[3].justify = "right"
    for figure in figures:
        ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else ""
        table.add_row(figure.name, f"{_number(figure.value)} {figure.unit}".rstrip(), figure.compared_with, ratio)
    Console(width=130).print(table)


def _number(value: float) -> str:
    return f"{value:.3f}" if value < 1 else f"{value:.1f}" if value < 1000 else f"{value:,.0f}"
