"""An article as rows: its version, sections, passages and vectors."""

from ingest.database import Session
from ingest.errors import SpaceSwitched
from ingest.indexed import IndexedArticle
from ingest.leases import Lease
from ingest.plan import RECIPE
from ingest.spaces import Space


async def write_article(
    session: Session, lease: Lease, space: Space, source_id: int, indexed: IndexedArticle
) -> None:
    """One article's version and all that is served of it, in one transaction of its own.

    The vectors are those in the cache. The commit does not wait for the disk: that of the run's
    record does, and with it for all before. Raises LeaseLost when another run has taken the source
    over, SpaceSwitched when another embedding model is served by now; then nothing is written.
    """
    article = indexed.article
    written = await session.run(
        "write_article",
        lease=lease.name,
        token=lease.token,
        space=space.id,
        source=source_id,
        external_id=article.external_id,
        path=article.path,
        title=article.title,
        url=article.url,
        locale=article.locale,
        product=article.product,
        audience=article.audience,
        updated_at=article.updated_at,
        body=article.text,
        content_hash=article.content_hash,
        recipe=RECIPE,
        **indexed.columns,
    )
    if not written:
        await lease.hold(session)
        raise SpaceSwitched("The embedding model was switched during this run.\nRun it again.")
