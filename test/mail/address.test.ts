import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AddressSchema, addressFault, normaliseAddress } from '../../src/mail/address.ts';
import { MailSchema } from '../../src/mail/index.ts';
import { sendWelcomeEmail } from '../../src/tasks/index.ts';
import { ACCEPTED, REFUSED } from './addresses.ts';

const mail = { to: 'ada@example.com', subject: 'Hi', text: 'Hello' };

describe('an address', () => {
  it.each(ACCEPTED)('%s is taken, and sent as %s', (address, sent) => {
    expect(addressFault(address.trim())).toBeUndefined();
    expect(AddressSchema.parse(address)).toBe(sent);
    // What is stored and parsed again stays the same.
    expect(AddressSchema.parse(sent)).toBe(sent);
  });

  it.each(REFUSED)('%j is refused: %s', (address, reason) => {
    const { error } = AddressSchema.safeParse(address);

    expect(error?.issues).toHaveLength(1);
    expect(error?.issues[0]?.message).toContain(reason);
  });

  it.each(ACCEPTED)('%s is taken in every field of a mail and by the welcome mail', (address, sent) => {
    const { to, reply_to } = MailSchema().parse({ ...mail, to: [address], reply_to: address });

    expect([to, reply_to]).toEqual([[sent], sent]);
    for (const field of ['cc', 'bcc']) expect(MailSchema().safeParse({ ...mail, [field]: address }).success).toBe(true);
    expect(sendWelcomeEmail.input.parse({ user_id: '1', email: address })).toEqual({ user_id: '1', email: sent });
  });

  it.each(REFUSED)('%j is refused in a mail, with its field', (address, reason) => {
    const faults = (part: object) =>
      MailSchema()
        .safeParse({ ...mail, ...part })
        .error?.issues.map(({ path, message }) => [path.join('.'), message]);

    expect(faults({ reply_to: address })).toEqual([['reply_to', expect.stringContaining(reason)]]);
    expect(faults({ to: address })).toEqual([['to', expect.stringContaining(reason)]]);
    expect(faults({ cc: ['bob@example.com', address] })).toEqual([['cc.1', expect.stringContaining(reason)]]);
  });
});

describe('the schema of an address', () => {
  it('says in JSON Schema that it is an address', () => {
    expect(z.toJSONSchema(AddressSchema, { io: 'input' })).toMatchObject({
      type: 'string',
      format: 'email',
      maxLength: 254,
    });
  });
});

describe('the form in which addresses are compared', () => {
  it.each([
    [' Ada.Lovelace@Example.COM\t', 'ada.lovelace@example.com'],
    ['Ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
    ['Ada Lovelace <Ada@Example.com>', 'ada@example.com'],
    ['"Lovelace, Ada" <ada@example.com>', 'ada@example.com'],
    ['"a <b@c.de>" <ada@example.com>', 'ada@example.com'],
    ['=?UTF-8?Q?Ad=C3=A4?= <ada@bücher.example>', 'ada@xn--bcher-kva.example'],
    ['<ada@example.com>', 'ada@example.com'],
    ['ada@example.com (Ada Lovelace)', 'ada@example.com'],
    ['Ada <ada@example.com> (work)', 'ada@example.com'],
    ['"Ada B"@example.com', '"ada b"@example.com'],
    ['no address', 'no address'],
    ['a@b/c?d#e', 'a@b/c?d#e'],
    ['', ''],
  ])('of %j is %j', (text, address) => {
    expect(normaliseAddress(text)).toBe(address);
    expect(normaliseAddress(address)).toBe(address);
  });
});
