import fc from 'fast-check';
import { healthyStatus } from '@meridian/testkit';
import { describe, expect, it } from 'vitest';
import { fullJitterMs } from './attach-link.ts';
import { MessageBudget, messageBudgetPolicy } from './message-budget.ts';
import { createOutbox } from './outbox.ts';
import { identityUri, isHubIdentity } from './peer-identity.ts';
import { eventOf } from './testing/link-rig.ts';

describe('outbox', () => {
  it('gives the newest status per application, in the order in which they first changed', () => {
    const outbox = createOutbox();
    outbox.application(healthyStatus('c', 'a', { generation: 1 }));
    outbox.application(healthyStatus('c', 'b'));
    outbox.application(healthyStatus('c', 'a', { generation: 2 }), 'trace');
    expect(outbox.take(1n)).toMatchObject({
      status: { application: 'a', generation: 2 },
      traceparent: 'trace',
    });
    expect(outbox.take(2n)).toMatchObject({ status: { application: 'b' } });
    expect(outbox.take(3n)).toBeUndefined();
  });

  it('gives a heartbeat that was asked for once, however often it was asked', () => {
    const outbox = createOutbox();
    let rung = 0;
    outbox.onChange(() => (rung += 1));
    expect(outbox.takeHeartbeat()).toBe(false);
    outbox.heartbeat();
    outbox.heartbeat();
    expect([rung, outbox.takeHeartbeat(), outbox.takeHeartbeat()]).toEqual([2, true, false]);
  });

  it('repeats events on a new stream until they are acknowledged, and never after', () => {
    const outbox = createOutbox();
    outbox.event(eventOf('one'));
    outbox.event(eventOf('two'));
    outbox.take(1n);
    outbox.take(2n);
    outbox.acked(1n);
    outbox.restart([]);
    expect(outbox.take(1n)).toMatchObject({ event: { message: 'two' } });
    outbox.acked(1n);
    outbox.restart([]);
    expect(outbox.take(1n)).toBeUndefined();
  });

  it('does not repeat what the snapshot of a new stream says, but keeps what is newer', () => {
    const outbox = createOutbox();
    outbox.application(healthyStatus('c', 'a', { observedAtMs: 5 }));
    outbox.application(healthyStatus('c', 'b', { observedAtMs: 9 }));
    outbox.restart([
      healthyStatus('c', 'a', { observedAtMs: 5 }),
      healthyStatus('c', 'b', { observedAtMs: 8 }),
    ]);
    expect(outbox.take(1n)).toMatchObject({ status: { application: 'b' } });
    expect(outbox.take(2n)).toBeUndefined();
  });

  it('drops the oldest event when it is full, and counts it', () => {
    const outbox = createOutbox(3);
    for (let number = 1; number <= 5; number += 1) outbox.event(eventOf(String(number)));
    expect([1n, 2n, 3n, 4n].map((sequence) => outbox.take(sequence))).toMatchObject([
      { event: { message: '3' } },
      { event: { message: '4' } },
      { event: { message: '5' } },
      undefined as never,
    ]);
    expect(outbox.droppedEvents()).toBe(2);
  });

  it('says when there is something to send', () => {
    const outbox = createOutbox();
    let rung = 0;
    outbox.onChange(() => (rung += 1));
    outbox.event(eventOf('x'));
    outbox.application(healthyStatus('c', 'a'));
    expect(rung).toBe(2);
  });
});

describe('waiting between tries', () => {
  it('is a random part of at most 0.2 s first, and never more than 10 s', () => {
    expect(fullJitterMs(0, 0.999)).toBeLessThan(200);
    fc.assert(
      fc.property(fc.nat(10_000), fc.double({ min: 0, max: 0.999999, noNaN: true }), (attempt, random) => {
        const waitMs = fullJitterMs(attempt, random);
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(10_000);
      }),
    );
  });
});

describe('the message budget', () => {
  it('allows a burst, refuses a flood, and recovers with time', () => {
    const budget = new MessageBudget(0);
    for (let count = 0; count < messageBudgetPolicy.burst; count += 1) expect(budget.spend(0)).toBe(true);
    expect(budget.spend(0)).toBe(false);
    expect(budget.spend(1_000)).toBe(true);
  });
});

describe('who a certificate names', () => {
  it.each([
    ['URI:spiffe://meridian/cluster/a', 'spiffe://meridian/cluster/a'],
    ['DNS:localhost, URI:spiffe://meridian/hub/h1, IP Address:127.0.0.1', 'spiffe://meridian/hub/h1'],
    ['URI:spiffe://meridian/cluster/a, URI:spiffe://meridian/cluster/b', undefined],
    ['DNS:"x, URI:spiffe://meridian/cluster/a"', undefined],
    ['DNS:localhost', undefined],
    [undefined, undefined],
  ])('reads %j as %j', (names, uri) => expect(identityUri(names)).toBe(uri));

  it('tells a hub from an agent', () => {
    expect(isHubIdentity('URI:spiffe://meridian/hub/hub-1')).toBe(true);
    expect(isHubIdentity('URI:spiffe://meridian/cluster/hub')).toBe(false);
    expect(isHubIdentity('URI:spiffe://meridian/hub/')).toBe(false);
  });
});
