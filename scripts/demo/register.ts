// Scenario: a user registers, and a task sends the welcome mail, which the local mailbox stores.
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '../api.ts';
import type { Scenario } from './scenario.ts';

interface Mail {
  id: string;
  to: string | string[];
  subject: string;
  text: string;
}

export const scenario: Scenario = {
  title: 'A user registers and gets the welcome mail',
  async run(api, show) {
    const email = 'ada.lovelace@example.com';
    const reply = await api.post<{ task_id: string; user_id: string }>('/users/register', {
      email,
      password: 'correct horse battery staple',
    });
    expect(reply.status === 201, `status 201, got ${reply.status}`);
    const task = await api.follow(reply.body.task_id, ({ status }) => show(`the mail task is ${status}`));
    expect(task.status === 'SUCCESS', `SUCCESS, got ${task.status}: ${JSON.stringify(task.error)}`);
    for (let tries = 0; tries < 20; tries++) {
      const { items } = await api.get<{ items: Mail[] }>('/mailbox');
      const mail = items.find(({ to }) => (Array.isArray(to) ? to : [to]).includes(email));
      if (mail)
        return { taskId: task.task_id, status: task.status, detail: `The mailbox has the mail "${mail.subject}".` };
      await wait(100);
    }
    throw new Error(`Expected a mail to ${email} in GET /mailbox, got none.`);
  },
};
