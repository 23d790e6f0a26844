"""From a `[sources.NAME]` table of footnote.toml to the source it names."""

from pydantic import SecretStr

from ingest.errors import SettingsError
from ingest.settings import Settings
from ingest.sources import Source


def open_source(name: str, settings: Settings) -> Source:
    """The source of that name; nothing is asked of it yet.

    Raises SettingsError naming what is missing from footnote.toml or the environment.
    """
    if name not in settings.sources:
        raise SettingsError(
            f"There is no source {name}.\nAdd a table [sources.{name}] to footnote.toml."
        )
    # What a source needs is imported with it: a folder of Markdown needs no web client.
    match settings.sources[name].kind:
        case "zendesk":
            return _zendesk(name, settings)
        case "intercom":
            return _intercom(name, settings)
        case "sitemap":
            return _sitemap(name, settings)
        case "reader":
            return _reader(name, settings)
        case _:
            return _folder(name, settings)


def _folder(name: str, settings: Settings) -> Source:
    from ingest.sources.folder import FolderSource  # noqa: PLC0415 - where it is used

    where = settings.sources[name]
    assert where.folder is not None
    return FolderSource(name, where.folder, where.url, where.locale)


def _zendesk(name: str, settings: Settings) -> Source:
    from ingest.sources.zendesk import ZendeskSource  # noqa: PLC0415 - as above

    where = settings.sources[name]
    assert where.zendesk is not None
    if not settings.zendesk_email:
        raise _missing("ZENDESK_EMAIL", name, "the email address of an agent")
    token = _token("ZENDESK_API_TOKEN", settings.zendesk_token, name)
    return ZendeskSource(name, where.zendesk, settings.zendesk_email, token)


def _intercom(name: str, settings: Settings) -> Source:
    from ingest.sources.intercom import IntercomSource  # noqa: PLC0415 - as above

    where = settings.sources[name]
    assert where.intercom is not None
    token = _token("INTERCOM_TOKEN", settings.intercom_token, name)
    return IntercomSource(name, where.intercom, token, where.locale)


def _sitemap(name: str, settings: Settings) -> Source:
    from ingest.sources.sitemap import SitemapSource  # noqa: PLC0415 - as above

    where = settings.sources[name]
    assert where.sitemap is not None
    return SitemapSource(name, where.sitemap, where.locale)


def _reader(name: str, settings: Settings) -> Source:
    from ingest.sources.llamahub import ReaderSource  # noqa: PLC0415 - as above

    return ReaderSource(name, settings.sources[name])


def _token(variable: str, token: SecretStr | None, name: str) -> SecretStr:
    if token is None:
        raise _missing(variable, name, "an API token")
    if not (token.get_secret_value().isascii() and token.get_secret_value().isprintable()):
        raise SettingsError(f"{variable} holds characters that no token has.")
    return token


def _missing(variable: str, name: str, what: str) -> SettingsError:
    return SettingsError(f"{variable} is missing.\nThe source {name} needs {what} in it.")
