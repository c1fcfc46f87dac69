/// <reference types="vite/types/importMeta.d.ts" />
// What vitest.config.ts adds to the bindings, and what `exports` of cloudflare:workers holds: the Worker itself.
declare namespace Cloudflare {
  interface Env {
    TEST_MIGRATIONS: import('cloudflare:test').D1Migration[];
    /** test/mail/fakes/server.ts */
    PROVIDER_SERVER: string;
  }
  interface GlobalProps {
    mainModule: typeof import('../../src/index.ts');
  }
}

declare module '*?raw' {
  const text: string;
  export default text;
}
