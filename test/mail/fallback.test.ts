// Several providers in order: who is asked when the one before is left alone, or has failed.
import { describe, expect, it } from 'vitest';
import type { Circuits } from '../../src/mail/index.ts';
import { MailError } from '../../src/mail/mail-error.ts';
import { closed, HOUR, limited, manualCircuits, refused, START, scripted, setUp, unclear } from './scripted.ts';

describe('a fallback', () => {
  it('is asked when the circuit of the first is open', async () => {
    const [first, second] = [scripted('first'), scripted('second')];
    const { circuits, open } = manualCircuits();
    const { send } = setUp([first, second], { circuits });
    open.add('mail:first');

    expect((await send()).provider).toBe('second');
    expect(first.asked).toEqual([]);
  });

  it('leaves the open error as it is when all circuits are open, and no attempt behind', async () => {
    const { circuits, open, Open } = manualCircuits();
    const { send, row } = setUp([scripted('first'), scripted('second')], { circuits, onUnclear: 'hold' });
    open.add('mail:first').add('mail:second');

    const sending = send();

    await expect(sending).rejects.toBeInstanceOf(Open);
    await expect(sending).rejects.toThrow('mail:second is open');
    expect(await row()).toBeNull();
  });

  it('that is left alone does not hide that the first was asked and failed', async () => {
    const { circuits, open } = manualCircuits();
    const { send } = setUp([scripted('first', [closed]), scripted('second')], { circuits });
    open.add('mail:second');

    await expect(send()).rejects.toMatchObject({ name: 'MailError', fault: true });
  });

  it('is asked at once when the first surely did not take the mail', async () => {
    const [first, second] = [scripted('first', [closed]), scripted('second')];
    const { circuits, faults } = manualCircuits();
    const { send, row } = setUp([first, second], { circuits, onUnclear: 'hold' });

    expect((await send()).provider).toBe('second');
    expect(faults).toEqual(['mail:first']);
    expect(await row()).toMatchObject({ provider: 'second', sent_at: START });
  });

  it('is not asked when the first may have taken the mail, if the setting is hold', async () => {
    const [first, second] = [scripted('first', [unclear]), scripted('second')];
    const { send } = setUp([first, second], { onUnclear: 'hold' });

    await expect(send()).rejects.toMatchObject({ unclear: true });
    expect(second.asked).toEqual([]);
  });

  it('is asked when the first may have taken the mail, if the setting is resend', async () => {
    const [first, second] = [scripted('first', [unclear]), scripted('second')];
    const { send } = setUp([first, second]);

    expect((await send()).provider).toBe('second');
  });

  it('is not asked when the first may have taken the mail but will know it again', async () => {
    const [first, second] = [scripted('first', [unclear], 86_400), scripted('second')];
    const { send } = setUp([first, second]);

    await expect(send()).rejects.toMatchObject({ unclear: true });
    expect((await send()).provider).toBe('first');
    expect(second.asked).toEqual([]);
  });

  it('is not asked either while the first is left alone, until the first would not know the mail any more', async () => {
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
    ['may have taken the mail but will know it again', unclear, 86_400, undefined],
    ['may have taken the mail', unclear, 0, 'second'],
    ['surely did not take the mail', closed, 86_400, 'second'],
  ])('is asked or not as ever when the first failed as a probe and %s', async (_, step, remembers, provider) => {
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
  });

  it('that knows the mail again is asked before the first, which does not', async () => {
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
    ['asks for patience', limited],
  ])('is not asked when the first %s', async (_, step) => {
    const [first, second] = [scripted('first', [step]), scripted('second')];
    const { circuits, faults } = manualCircuits();
    const { send } = setUp([first, second], { circuits });

    await expect(send()).rejects.toBeInstanceOf(MailError);
    expect(second.asked).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('never sends what another has sent', async () => {
    const [first, second] = [scripted('first'), scripted('second')];
    const { circuits, open } = manualCircuits();
    const { send } = setUp([first, second], { circuits });
    const sent = await send();
    open.add('mail:first');

    expect(await send()).toEqual(sent);
    expect(second.asked).toEqual([]);
  });

  it('does not hide that the first may have taken a mail that the second refuses', async () => {
    const [first, second] = [scripted('first', [unclear]), scripted('second', [refused])];
    const { send, row } = setUp([first, second]);

    await expect(send()).rejects.toMatchObject({ permanent: true });
    expect(await row()).toMatchObject({ message_id: null, attempted_at: START });
  });

  it('is waited for, and not replaced, when it is the one that may have the mail, if the setting is hold', async () => {
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
