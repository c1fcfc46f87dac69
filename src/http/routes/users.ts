// POST /users/register: the user and the task of the welcome mail are committed in one transaction.
import { z } from '@hono/zod-openapi';
import { enqueue } from '../../engine/manage.ts';
import { AddressSchema, normaliseAddress } from '../../mail/index.ts';
import { sendWelcomeEmail, userTag } from '../../tasks/index.ts';
import { isTakenEmail, prepareUser } from '../../users/index.ts';
import { callerNetwork } from '../caller-address.ts';
import { jsonBody, jsonReply } from '../content.ts';
import { limitRate } from '../middleware/limit-rate.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';

const register = route({
  method: 'post',
  path: '/users/register',
  access: 'open',
  refuses: ['rate_limited', 'limiter_unavailable', 'email_taken', 'backlog_full'],
  summary: 'Register a user; the welcome mail is a task',
  request: {
    body: jsonBody(
      strictObject({
        email: AddressSchema,
        password: z.string().min(8).max(256).openapi({ format: 'password' }),
      }),
    ),
  },
  responses: {
    201: jsonReply(
      'Registered',
      z.object({
        message: z.string(),
        user_id: z.uuid(),
        email: z.string().openapi({ format: 'email' }),
        task_id: z.uuid(),
      }),
    ),
  },
});

export const users = resource().openapi(register, async (c) => {
  const { engine, db, settings } = c.var.services;
  await limitRate(c, { name: `register:${callerNetwork(c)}`, limit: settings.REGISTER_RATE_LIMIT });
  const { email, password } = c.req.valid('json');
  const user = await prepareUser(db, { email: normaliseAddress(email), password }, engine.clock.now());
  const input = { user_id: user.id, email: user.email };
  const welcome = { definition: sendWelcomeEmail, input, options: { tags: [userTag(user.id)] } };
  try {
    const [receipt] = await enqueue(engine, [welcome], { alongside: [user.insert] });
    const reply = { message: 'User registered', user_id: user.id, email: user.email, task_id: receipt?.taskId ?? '' };
    return c.json(reply, 201);
  } catch (error) {
    if (isTakenEmail(error)) throw new HttpProblem('email_taken');
    throw error;
  }
});
