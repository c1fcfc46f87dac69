// Which provider is asked, and which is not: after a crash, after a failure, and while a circuit is open.
import { describe, expect, it } from 'vitest';
import type { Circuits } from '../../src/mail/index.ts';
import { MailError } from '../../src/mail/mail-error.ts';
import {
  closed,
  HOUR,
  limited,
  manualCircuits,
  refused,
  START,
  type Step,
  scripted,
  setUp,
  unclear,
} from './scripted.ts';

describe.each([
  ['a crash after the mail was accepted', 'die after taking' as Step],
  ['a crash before the mail was accepted', 'hang' as Step],
])('after %s', (_, step) => {
  it('a provider without idempotency keys is asked again, if the setting is resend', async () => {
    const provider = scripted('post', [step]);
    const { sendAndDie, send, row } = setUp([provider]);
    await sendAndDie(provider);

    await send();

    expect(provider.asked).toHaveLength(2);
    expect(await row()).toMatchObject({ provider: 'post', sent_at: START });
  });

  it('a provider without idempotency keys is not asked again, if the setting is hold', async () => {
    const provider = scripted('post', [step]);
    const { sendAndDie, send } = setUp([provider], { onUnclear: 'hold' });
    await sendAndDie(provider);

    for (let run = 0; run < 3; run++) {
      const sending = send();
      await expect(sending).rejects.toMatchObject({ permanent: true, unclear: true, code: 'unclear' });
      await expect(sending).rejects.toThrow(/may have been sent: post was asked at 20\d\d-/);
    }
    expect(provider.asked).toHaveLength(1);
  });

  it.each(['resend', 'hold'] as const)(
    'a provider with idempotency keys is asked again while it remembers them, if the setting is %s',
    async (onUnclear) => {
      const provider = scripted('keyed', [step], 86_400);
      const { sendAndDie, send, advance } = setUp([provider], { onUnclear });
      await sendAndDie(provider);
      advance(23 * HOUR);

      await send();

      expect(provider.taken).toHaveLength(1);
    },
  );

  it('a provider with idempotency keys is not asked again after it has forgotten them, if the setting is hold', async () => {
    const provider = scripted('keyed', [step], 86_400);
    const { sendAndDie, send, advance } = setUp([provider], { onUnclear: 'hold' });
    await sendAndDie(provider);
    advance(24 * HOUR);

    await expect(send()).rejects.toMatchObject({ permanent: true, code: 'unclear' });
    expect(provider.asked).toHaveLength(1);
  });

  it('no other provider is asked, if the setting is hold', async () => {
    const [first, second] = [scripted('first', [step]), scripted('second')];
    const { sendAndDie, send } = setUp([first, second], { onUnclear: 'hold' });
    await sendAndDie(first);

    await expect(send()).rejects.toMatchObject({ code: 'unclear' });
    await expect(send({ providers: [second] })).rejects.toMatchObject({ code: 'unclear' });
    expect(second.asked).toEqual([]);
  });
});

describe('a fallback', () => {
  it('is asked when the circuit of the first is open', async () => {
    const [first, second] = [scripted('first'), scripted('second')];
    const { circuits, open } = manualCircuits();
    const { send } = setUp([first, second], { circuits });
    open.add('mail:first');

    expect((await send()).provider).toBe('second');
    expect(first.asked).toEqual([]);
  });

  it('is not asked when all circuits are open; the error is that of the open circuit, and no attempt is recorded', async () => {
    const { circuits, open, Open } = manualCircuits();
    const { send, row } = setUp([scripted('first'), scripted('second')], { circuits, onUnclear: 'hold' });
    open.add('mail:first').add('mail:second');

    const sending = send();

    await expect(sending).rejects.toBeInstanceOf(Open);
    await expect(sending).rejects.toThrow('mail:second is open');
    expect(await row()).toBeNull();
  });

  it('with an open circuit does not hide the failure of the first provider', async () => {
    const { circuits, open } = manualCircuits();
    const { send } = setUp([scripted('first', [closed]), scripted('second')], { circuits });
    open.add('mail:second');

    await expect(send()).rejects.toMatchObject({ name: 'MailError', fault: true });
  });

  it('is asked at once when the first provider did not accept the mail', async () => {
    const [first, second] = [scripted('first', [closed]), scripted('second')];
    const { circuits, faults } = manualCircuits();
    const { send, row } = setUp([first, second], { circuits, onUnclear: 'hold' });

    expect((await send()).provider).toBe('second');
    expect(faults).toEqual(['mail:first']);
    expect(await row()).toMatchObject({ provider: 'second', sent_at: START });
  });

  it('is not asked when the first provider may have accepted the mail, if the setting is hold', async () => {
    const [first, second] = [scripted('first', [unclear]), scripted('second')];
    const { send } = setUp([first, second], { onUnclear: 'hold' });

    await expect(send()).rejects.toMatchObject({ unclear: true });
    expect(second.asked).toEqual([]);
  });

  it('is asked when the first provider may have accepted the mail, if the setting is resend', async () => {
    const [first, second] = [scripted('first', [unclear]), scripted('second')];
    const { send } = setUp([first, second]);

    expect((await send()).provider).toBe('second');
  });

  it('is not asked when the first provider may have accepted the mail and will recognise it', async () => {
    const [first, second] = [scripted('first', [unclear], 86_400), scripted('second')];
    const { send } = setUp([first, second]);

    await expect(send()).rejects.toMatchObject({ unclear: true });
    expect((await send()).provider).toBe('first');
    expect(second.asked).toEqual([]);
  });

  it('is not asked while the circuit of such a first provider is open, until that provider no longer recognises the mail', async () => {
    const [first, second] = [scripted('first', [unclear], 86_400), scripted('second')];
    const { circuits, open, Open } = manualCircuits();
    const { send, advance } = setUp([first, second], { circuits });
    await expect(send()).rejects.toMatchObject({ unclear: true });
    open.add('mail:first');

    advance(24 * HOUR - 1);
    await expect(send()).rejects.toBeInstanceOf(Open);
    expect(second.asked).toEqual([]);
    advance(1);

    expect((await send()).provider).toBe('second');
  });

  it.each([
    ['may have accepted the mail and will recognise it', unclear, 86_400, undefined],
    ['may have accepted the mail', unclear, 0, 'second'],
    ['did not accept the mail', closed, 86_400, 'second'],
  ])(
    'is asked by the same rules when the first provider failed as a probe and %s',
    async (_, step, remembers, provider) => {
      const [first, second] = [scripted('first', [step], remembers), scripted('second')];
      const { circuits } = manualCircuits();
      class PutOff extends Error {}
      const probing: Circuits = {
        call: (name, work, isFault) =>
          circuits.call(name, work, isFault).catch((error: unknown) => {
            throw new PutOff('the probe failed', { cause: error });
          }),
        isOpen: () => false,
      };
      const { send } = setUp([first, second], { circuits: probing });

      const sent = await send().catch((error: unknown) => error);

      if (provider) expect(sent).toMatchObject({ provider });
      else expect(sent).toBeInstanceOf(PutOff);
      expect(second.asked).toHaveLength(provider ? 1 : 0);
    },
  );

  it('that recognises the mail is asked before the first provider, which does not', async () => {
    const [first, second] = [scripted('first'), scripted('second', [unclear], 86_400)];
    const { circuits, open } = manualCircuits();
    const { send } = setUp([first, second], { circuits });
    open.add('mail:first');
    await expect(send()).rejects.toMatchObject({ unclear: true });
    open.clear();

    expect((await send()).provider).toBe('second');
    expect(first.asked).toEqual([]);
  });

  it.each([
    ['refuses the mail', refused],
    ['limits the rate', limited],
  ])('is not asked when the first provider %s', async (_, step) => {
    const [first, second] = [scripted('first', [step]), scripted('second')];
    const { circuits, faults } = manualCircuits();
    const { send } = setUp([first, second], { circuits });

    await expect(send()).rejects.toBeInstanceOf(MailError);
    expect(second.asked).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('never sends a mail that another provider has sent', async () => {
    const [first, second] = [scripted('first'), scripted('second')];
    const { circuits, open } = manualCircuits();
    const { send } = setUp([first, second], { circuits });
    const sent = await send();
    open.add('mail:first');

    expect(await send()).toEqual(sent);
    expect(second.asked).toEqual([]);
  });

  it('that refuses the mail does not hide that the first provider may have accepted it', async () => {
    const [first, second] = [scripted('first', [unclear]), scripted('second', [refused])];
    const { send, row } = setUp([first, second]);

    await expect(send()).rejects.toMatchObject({ permanent: true });
    expect(await row()).toMatchObject({ message_id: null, attempted_at: START });
  });

  it('that may have accepted the mail is not replaced by the first provider, if the setting is hold', async () => {
    const [first, second] = [scripted('first'), scripted('second', [unclear], 86_400)];
    const { circuits, open, Open } = manualCircuits();
    const { send } = setUp([first, second], { circuits, onUnclear: 'hold' });
    open.add('mail:first');
    await expect(send()).rejects.toMatchObject({ unclear: true });
    open.clear();
    open.add('mail:second');

    await expect(send()).rejects.toBeInstanceOf(Open);
    expect(first.asked).toEqual([]);
  });
});
