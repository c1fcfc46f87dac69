import { describe, expect, it } from 'vitest';
import { anApp, problemOf } from '../../support/worker.ts';

const shell = async () => new Response('<!doctype html><title>Errand</title>');

describe('the dashboard', () => {
  it('is where the root leads', async () => {
    const response = await (await anApp({ shell })).call('GET /');

    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('/dashboard');
  });

  it.each(['/dashboard', '/dashboard/tasks', '/dashboard/tasks/1?x=y'])('is one page, at %s too', async (path) => {
    const response = await (await anApp({ shell })).call(`GET ${path}`);

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await response.text()).toContain('<title>Errand</title>');
  });

  it('runs no script but its own, and in no frame', async () => {
    const policy = (await (await anApp({ shell })).call('GET /dashboard')).headers.get('content-security-policy');

    expect(policy?.split('; ')).toEqual(
      expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]),
    );
  });

  it('hides no route: what is not below it is still the API’s to answer', async () => {
    const { call: request } = await anApp({ shell });

    for (const path of ['/nowhere', '/dashboards', '/tasks/nowhere/at-all'])
      expect((await problemOf(request(`GET ${path}`))).code).toBe('not_found');
  });

  it('says so when it was not built', async () => {
    const missing = { shell: async () => new Response('', { status: 404 }) };

    expect((await problemOf((await anApp(missing)).call('GET /dashboard'))).detail).toContain('npm run build');
  });
});
