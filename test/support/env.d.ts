/// <reference types="vite/types/importMeta.d.ts" />
// The bindings that vitest.config.ts adds, and the type of `exports` from cloudflare:workers, which is the Worker.
declare namespace Cloudflare {
  interface Env {
    TEST_MIGRATIONS: import('cloudflare:test').D1Migration[];
    /** test/mail/fakes/server.ts */
    PROVIDER_SERVER: string;
    /** test/providers/vitest.config.ts, as JSON. */
    PROVIDER_PROMISES: string;
    /** wrangler.toml; the Worker itself sends nothing to it. */
    QUEUE_BOUNCES: Queue;
  }
  interface GlobalProps {
    mainModule: typeof import('../../src/index.ts');
  }
}

declare module '*?raw' {
  const text: string;
  export default text;
}
