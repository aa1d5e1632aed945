"""Commands that verify a file by its checksum and signatures."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from .models import Release, ReleaseFile


@dataclass(frozen=True)
class Step:
    """Way to verify a file."""

    title: str
    command: str
    note: str = ""


def checksum_steps(file: ReleaseFile) -> list[Step]:
    name = file.filename
    if file.has_valid_sha256:
        expected = f'echo "{file.sha256_sum}  {name}"'
        return [
            Step("Linux", f"{expected} | sha256sum --check"),
            Step("macOS", f"{expected} | shasum -a 256 --check"),
            Step("Windows", f"certutil -hashfile {name} SHA256", _("The output must contain %s.") % file.sha256_sum),
        ]
    if file.md5_sum:
        note = _("An MD5 checksum detects a damaged download. It does not show who created the file.")
        return [
            Step("Linux", f'echo "{file.md5_sum}  {name}" | md5sum --check', note),
            Step("macOS", f"md5 {name}", _("The output must contain %s.") % file.md5_sum),
            Step("Windows", f"certutil -hashfile {name} MD5", _("The output must contain %s.") % file.md5_sum),
        ]
    return []


def signature_steps(file: ReleaseFile, release: Release, identities_url: str = "") -> list[Step]:
    name, steps = file.filename, []
    if file.sigstore_bundle_file or (file.sigstore_signature_file and file.sigstore_cert_file):
        proof = f"--bundle {name}.sigstore" if file.sigstore_bundle_file else f"--signature {name}.sig --certificate {name}.crt"
        identity, issuer = "EMAIL", "ISSUER"
        note = _("Replace EMAIL and ISSUER with those of the release manager.")
        if identities_url:
            note = _("For EMAIL and ISSUER of the release manager, see %s.") % identities_url
        if release.series and release.series.sigstore_identity and release.series.sigstore_issuer:
            identity, issuer, note = release.series.sigstore_identity, release.series.sigstore_issuer, ""
        command = f"python -m sigstore verify identity {proof} --cert-identity {identity} --cert-oidc-issuer {issuer} {name}"
        steps.append(Step("Sigstore", command, note))
    if file.gpg_signature_file:
        note = _("First import the public key of the release manager.")
        steps.append(Step("GPG", f"gpg --verify {name}.asc {name}", note))
    return steps


def verification_steps(file: ReleaseFile, release: Release, identities_url: str = "") -> list[Step]:
    """Return the ways to verify a file with its side files, the easiest first."""
    return [*checksum_steps(file), *signature_steps(file, release, identities_url)]
