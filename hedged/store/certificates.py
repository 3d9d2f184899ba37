"""Certificates on disk: one JSON file beside the journals, readable and portable.

They are no events of a journal, because test money and real money never share one, and what was
seen on a testnet has to be known on mainnet.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from hedged.core.certificate import Certificate
from hedged.ports import StoreError
from hedged.store.codec import CodecError, decoded, encoded


def certificates_path(folder: Path) -> Path:
    """The file with the certificates of a state folder."""
    return folder / "certificates.json"


def certificates_in(path: Path) -> tuple[Certificate, ...]:
    """All of them; none where there is no such file.

    Raises:
        StoreError: it cannot be read, or is not what `keep_certificates` writes.
    """
    try:
        text = path.read_text()
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"the certificates {path} cannot be read: {error}") from error
    try:
        raw = json.loads(text)
        return tuple(decoded(Certificate, one) for one in raw["certificates"])
    except (CodecError, KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"the certificates {path} are damaged ({error}): delete the file, certify again"
        ) from error


def keep_certificates(path: Path, new: Iterable[Certificate]) -> None:
    """Write these, in the place of older ones about the same; the others stay.

    Raises:
        StoreError: the file cannot be read or written; it is as it was.
    """
    kept = {certificate.about: certificate for certificate in (*certificates_in(path), *new)}
    text = json.dumps({"certificates": [encoded(one) for one in kept.values()]}, indent=2) + "\n"
    beside = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with beside.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise StoreError(f"the certificates {path} cannot be written: {error}") from error
