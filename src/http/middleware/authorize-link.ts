// A signed link opens one file to whoever has it, without an API key; anybody else needs a key with the scope.
import { createMiddleware } from 'hono/factory';
import { checkLink } from '../../files/index.ts';
import type { HttpEnv } from '../env.ts';
import { HttpProblem } from '../problem.ts';
import { authorize, type Scope } from './authorize.ts';

/** Lets a request with a good signature pass, or what `authorize` does; throws HttpProblem `link_expired`, `link_invalid`. */
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
