"""The guard: what stands between a plan and the help centre."""

from collections.abc import Collection

from ingest.plan import Plan


def reason_to_hold(plan: Plan, max_removed: float, approved: Collection[str] = ()) -> str | None:
    """Why a plan must not be carried out, in a sentence; None when it may.

    `max_removed` is the share of a source's served articles that may go in one run; `approved`
    are external ids whose removal a person has approved. An empty fetch is never believed.
    """
    if plan.served and not plan.fetched:
        return f"The source is empty now; the {plan.served} articles served from it stay."
    unapproved = [gone for gone in plan.remove if gone.external_id not in approved]
    if len(unapproved) > max_removed * plan.served:
        return (
            f"{len(unapproved)} of {plan.served} articles are gone from the source, more than"
            f" {max_removed:.0%}; all of them stay."
        )
    return None
