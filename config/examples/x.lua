-- Posts of X as they are written, kept in the embedded store.
--
--   X_BEARER=... linnet check -c config/examples/x.lua
--   X_BEARER=... linnet rules diff -c config/examples/x.lua
--   X_BEARER=... linnet run -c config/examples/x.lua
return {
  state = "../../state/x",
  sources = {
    x = linnet.x {
      -- The app's token, or key = secret "...", secret = secret "..." to have one fetched. From a
      -- file: secret "file:x.token".
      bearer = secret "env:X_BEARER",

      -- Each query below is a rule on X, tagged linnet:NAME; rules of others are left alone, and
      -- linnet's own go when there are no queries any more.
      -- "off": all are, when several linnets read one app.
      rules = "sync",

      -- A gap is looked for with recent search, 30 s after the stream is back, from the last post
      -- that came. Where the account has them: "minutes", the stream itself gives up to five again;
      -- "recovery", that, and up to 24 hours by a second stream. "off" leaves it.
      backfill = "search",

      -- Where the account has them, read these beside it, as sources of their own: which posts and
      -- users are gone. The store below finds the posts.
      --   stream = "compliance", partition = 1     stream = "user_compliance", partition = 1

      -- What a post costs, and what may be spent (UTC): warned at 80%, a sample from 90%, then
      -- it waits. All that X gave is counted: what came with the last post of a budget, too, and a
      -- search takes ten posts at least, so that nine of them may pass it.
      price = 0.005, budget_day = 5, budget_month = 100,
    },
  },
  track = {
    python = [[ (#python OR "python 3") lang:en -is:retweet ]],
    -- X is asked for acme, the rest is found here
    outage = [[ acme NEAR/6 (down OR outage OR refund*) ]],
  },
  sinks = { store = linnet.sqlite { keep = "30d" } },
}
