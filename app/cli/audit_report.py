"""Print the findings of an audit as tables."""

from __future__ import annotations

import shlex
import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.cli.console import print_lines
from app.cli.tables import print_table
from app.reporting import counted

if TYPE_CHECKING:
    from app.data.audit.findings import Audit, Balance, Duplicates

_MOST_ROWS, _MOST_NAMES = 20, 6


def print_audit(audit: Audit, dataset: str) -> None:
    """Print the findings, the most serious first; at most 20 rows of a kind.

    Args:
        audit: Findings.
        dataset: Name or folder of the dataset, as a command takes it.
    """
    total = audit.num_images + len(audit.unreadable)
    print_lines(f"{audit.dataset}: {total:,} images, of which {audit.num_images:,} are readable")
    _print_rows(
        "Pictures, links and special files that are left out",
        ["file", "reason"],
        [list(entry) for entry in audit.left_out],
    )
    _print_rows(
        "Unreadable files (they are skipped in training)",
        ["file", "split", "fault", "reason"],
        [[f.place.name, f.place.split, f.kind, f.reason] for f in audit.unreadable],
    )
    for title, groups in (
        ("Exact duplicates", audit.exact),
        ("Near duplicates (look alike, different pixels)", audit.near),
    ):
        _print_rows(title, ["files", "remark"], [_duplicates_row(group) for group in groups])
    if not audit.near_sought:
        print_lines(
            "Near duplicates were not searched for: there are too many images to compare them all."
        )
    _print_rows(
        f"Images with a side below {audit.min_side} pixels",
        ["file", "height", "width"],
        [[s.place.name, str(s.height), str(s.width)] for s in audit.small],
    )
    _print_rows(
        "Odd encodings (fine to use)",
        ["kind", "images", "for example"],
        [[kind, f"{len(found):,}", found[0].name] for kind, found in audit.odd.items()],
    )
    print_table(
        ["split", "images per class", "largest / smallest"],
        [
            [
                split,
                ", ".join(_class_count(balance, name) for name in balance.counts),
                f"{balance.ratio or 0:.2f}" + (" imbalanced" if balance.unbalanced else ""),
            ]
            for split, balance in audit.balance.items()
        ],
        title="Class balance",
    )
    _advise_balance(audit, dataset)
    _advise_fit(audit, dataset)
    print_lines(*textwrap.wrap(_in_short(audit), 80))


def _in_short(audit: Audit) -> str:
    """Return the number of faults of each kind that there is, as a sentence."""
    faults = [
        counted(len(found), noun)
        for found, noun in (
            (audit.left_out, "left-out file"),
            (audit.unreadable, "unreadable file"),
            (audit.exact, "exact duplicate"),
            (audit.near, "near duplicate"),
            (audit.small, "small image"),
        )
        if found
    ]
    if not faults:
        return f"In short: no faults were found in {counted(audit.num_images, 'image')}."
    across = sum(group.across_classes for group in audit.exact + audit.near)
    where = [
        f"{count:,} across {what}"
        for count, what in (
            (len(audit.leaks), "splits (data leakage)"),
            (across, "classes (one of the labels is wrong)"),
        )
        if count
    ]
    duplicates = f"; of the duplicates, {' and '.join(where)}" if where else ""
    return f"In short: {', '.join(faults)}{duplicates}."


def _advise_balance(audit: Audit, dataset: str) -> None:
    """Print how to train on classes of different sizes."""
    counts = audit.balance["train"].counts
    if not audit.balance["train"].ratio or not audit.balance["train"].unbalanced:
        return
    most, least = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
    share = counts[most] / sum(counts.values())
    print_lines(
        f"Always predicting '{most}' would be right in {share:.1%} of the training images.",
        f"So that '{least}' is learned too, train.py samples all classes alike (--balance auto):",
        f"  python train.py --dataset {shlex.quote(dataset)} --balance sampling",
        "Judge the model by its balanced accuracy, the mean recall of the classes.",
    )


def _advise_fit(audit: Audit, dataset: str) -> None:
    """Print how to choose what happens to images of different aspect ratios."""
    ratios = audit.aspect_ratios
    if ratios is None or not ratios.varied:
        return
    print_lines(
        f"Aspect ratios (width / height) vary: a tenth is below {ratios.low:.2f}, a tenth above "
        f"{ratios.high:.2f}.",
        "Training squashes all images to squares. To see whether it is better to crop or pad",
        "them, on the validation images:",
        f"  python -m app sweep -o fit --dataset {shlex.quote(dataset)} --seeds 0-2 "
        "--grid fit=squash,crop,pad",
    )


def _class_count(balance: Balance, name: str) -> str:
    broken = balance.files[name] - balance.counts[name]
    return f"{name} {balance.files[name]:,}" + (f" ({broken:,} unreadable)" if broken else "")


def _duplicates_row(group: Duplicates) -> list[str]:
    splits = Counter(place.split for place in group.members)
    remarks = [" and ".join(splits) if group.across_splits else ""]
    if group.across_classes:
        remarks.append("in several classes")
    names = [place.name for place in group.members[:_MOST_NAMES]]
    if len(group.members) > len(names):
        names.append(f"… {len(group.members) - len(names):,} more")
    return [
        ", ".join(names),
        "; ".join(remark for remark in remarks if remark),
    ]


def _print_rows(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not rows:
        return
    shown = rows[:_MOST_ROWS]
    print_table(columns, shown, title=f"{title}: {len(rows):,}")
    if len(rows) > len(shown):
        print_lines(f"… and {len(rows) - len(shown):,} more (all of them: --json)")
