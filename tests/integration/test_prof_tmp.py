import time, asyncio
from tests.fakes.slack_server import *
from tests.integration.desk import *
import bot.serving as S
async def test_a(sample_url):
    for i in range(2):
      async with SlackServer() as slack:
        st=settings_for(sample_url, slack)
        t=time.time()
        def lap(n):
            nonlocal t; print(n, round(time.time()-t,3)); t=time.time()
        from bot.app import open_app
        async with S.open_workspace(st) as ws:
            lap("ws")
            async with open_app(st) as app:
                lap("app")
                r=S.Replies(app, ws)
                async with S.open_jobs(app, r) as jobs:
                    lap("jobs")
                    async with S._working(jobs):
                        await asyncio.sleep(0.2)
                        lap("work")
                    lap("-work")
                lap("-jobs")
            lap("-app")
        async with serving(st, slack):
            lap("service")
        lap("-service")
def test_b(sample_url): pass
