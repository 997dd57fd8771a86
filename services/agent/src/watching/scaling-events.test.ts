import type { JsonObject, KubeObject } from '@meridian/manifests';
import { expect, test } from 'vitest';
import type { ListQuery } from '../ports.ts';
import { scalingEvents } from './scaling-events.ts';

const signal = new AbortController().signal;

const event = (pod: string, reason: string, more: JsonObject): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `${pod}.${reason}`, creationTimestamp: '2026-01-01T00:00:00Z' },
  involvedObject: { kind: 'Pod', name: pod },
  reason,
  ...more,
});

async function seen(found: readonly KubeObject[]) {
  const queries: ListQuery[] = [];
  const list = (query: ListQuery) => {
    queries.push(query);
    const { fieldSelector = '' } = query;
    return Promise.resolve(
      found.filter(({ reason }) => typeof reason === 'string' && fieldSelector.endsWith(`reason=${reason}`)),
    );
  };
  return { events: await scalingEvents({ list }, 'ml', signal), queries };
}

test('only what autoscalers say of pods is asked for, in one namespace', async () => {
  const { queries } = await seen([]);
  expect(queries.map(({ fieldSelector }) => fieldSelector)).toEqual([
    'involvedObject.kind=Pod,reason=NotTriggerScaleUp',
    'involvedObject.kind=Pod,reason=TriggeredScaleUp',
    'involvedObject.kind=Pod,reason=Nominated',
  ]);
  expect(new Set(queries.map(({ namespace, kind, most }) => `${namespace} ${kind} ${most}`))).toEqual(
    new Set(['ml Event 200']),
  );
});

test('of each event only pod, reason and message are kept, the latest last', async () => {
  const { events } = await seen([
    event('a', 'TriggeredScaleUp', {
      lastTimestamp: '2026-01-01T00:02:00Z',
      message: 'up',
      series: { count: 9 },
    }),
    event('a', 'NotTriggerScaleUp', { eventTime: '2026-01-01T00:01:00Z', message: 'no' }),
    event('b', 'Nominated', { message: 'soon' }),
  ]);
  expect(events).toEqual([
    { pod: 'b', reason: 'Nominated', message: 'soon' },
    { pod: 'a', reason: 'NotTriggerScaleUp', message: 'no' },
    { pod: 'a', reason: 'TriggeredScaleUp', message: 'up' },
  ]);
});

test('an event without the fields of one, or with others in their place, is nobody’s', async () => {
  const { events } = await seen([
    { ...event('a', 'Nominated', { message: 7 }), involvedObject: 'a' },
    event('b', 'Nominated', { lastTimestamp: 7, message: null }),
  ]);
  expect(events).toEqual([
    { pod: '', reason: 'Nominated', message: '' },
    { pod: 'b', reason: 'Nominated', message: '' },
  ]);
});
