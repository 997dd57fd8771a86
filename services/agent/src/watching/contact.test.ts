import { FaultError } from '@meridian/runtime';
import { describe, expect, it } from 'vitest';
import { createContact } from './contact.ts';

const away = new FaultError('unavailable', 'connection refused', { retry: 'later' });

function world() {
  let nowMs = 0;
  const clock = {
    nowMs: () => Date.UTC(2030, 0, 1) + nowMs,
    monotonicMs: () => nowMs,
    wait: () => Promise.resolve(),
  };
  return { contact: createContact(clock, 'apps/v1/Deployment'), pass: (ms: number) => (nowMs += ms) };
}

describe('the contact of a watch', () => {
  it('is lost when faults go on for five seconds, and says since when the server was not seen', () => {
    const { contact, pass } = world();
    contact.heard();
    pass(2_000);
    contact.failed(away);
    pass(4_000);
    contact.failed(away);
    expect(contact.lost()).toBeUndefined();
    pass(1_000);
    expect(contact.lost()).toBe(
      'the API server has not been seen since 2030-01-01T00:00:00.000Z: connection refused',
    );
  });

  it('comes back when the server is heard, a second later, when what was missed has been told', () => {
    const { contact, pass } = world();
    contact.failed(away);
    pass(6_000);
    expect(contact.lost()).toContain('has not been seen since this agent started');
    contact.heard();
    pass(500);
    contact.heard();
    expect(contact.lost()).toContain('has not been seen since this agent started');
    pass(500);
    expect(contact.lost()).toBeUndefined();
  });

  it('stays lost while lists are answered and watches refused', () => {
    const { contact, pass } = world();
    const refused = new FaultError('denied', 'watch is forbidden', { retry: 'later' });
    contact.failed(refused);
    pass(6_000);
    for (let round = 0; round < 3; round += 1) {
      contact.heard();
      contact.failed(refused);
      expect(contact.lost()).toContain('apps/v1/Deployment cannot be watched since');
      pass(15_000);
      expect(contact.lost()).toBeDefined();
    }
  });

  it('is lost after 65 seconds of silence', () => {
    const { contact, pass } = world();
    contact.heard();
    pass(64_000);
    expect(contact.lost()).toBeUndefined();
    pass(1_000);
    expect(contact.lost()).toBe('the API server has not been seen since 2030-01-01T00:00:00.000Z');
  });

  it('takes a short fault for nothing', () => {
    const { contact, pass } = world();
    contact.failed(away);
    pass(4_000);
    contact.heard();
    expect(contact.lost()).toBeUndefined();
  });
});
