// A signed link lets its holder read one file without an API key. Other callers need an API key with the scope.
import { createMiddleware } from 'hono/factory';
import type { Scope } from '../../access/index.ts';
import { checkLink } from '../../files/index.ts';
import type { HttpEnv } from '../env.ts';
import { HttpProblem } from '../problem.ts';
import { authorize } from './authorize.ts';

/** Checks the signature if there is one; otherwise does what `authorize` does. Throws also HttpProblem `link_expired`, `link_invalid`. */
export const authorizeLink = (scope: Scope) =>
  createMiddleware<HttpEnv>(async (c, next) => {
    const { signature, expires = '' } = c.req.query();
    if (signature === undefined) return authorize(scope)(c, next);
    const { engine, settings } = c.var.services;
    const link = { key: c.req.param('key') ?? '', expires, signature };
    const state = settings.LINK_SECRET ? await checkLink(settings.LINK_SECRET, link, engine.clock.now()) : 'forged';
    if (state === 'expired') throw new HttpProblem('link_expired');
    if (state === 'forged') throw new HttpProblem('link_invalid');
    await next();
  });
