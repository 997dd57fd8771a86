import type { Kube, KubeWatchEvent } from '@meridian/kube';
import { FaultError, systemClock } from '@meridian/runtime';
import { describe, expect, it } from 'vitest';
import { openOwnCluster } from './own-cluster.ts';
import { silent } from './testing/rig.ts';

describe('a watch of the own cluster', () => {
  it('tells faults, and asks the server before it counts on a connection that was resumed', async () => {
    const stop = new AbortController();
    const told: string[] = [];
    const asked: string[] = [];
    let opened = 0;
    const kube = {
      async list() {
        asked.push('list');
        return { items: [], resourceVersion: '1' };
      },
      async *pages(query: { limit?: number }) {
        asked.push(`page of ${query.limit}`);
        yield { items: [], resourceVersion: '1' };
      },
      async *watch({ signal }: { signal: AbortSignal }): AsyncGenerator<KubeWatchEvent> {
        asked.push('watch');
        opened += 1;
        if (opened === 1) {
          yield { type: 'BOOKMARK', resourceVersion: '2' };
          throw new FaultError('unavailable', 'connection reset', { retry: 'later' });
        }
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    } as unknown as Kube;
    const clock = { nowMs: () => 0, monotonicMs: () => 0, wait: () => Promise.resolve() };
    const contact = {
      heard: () => {
        told.push('heard');
        if (told.includes('connection reset')) stop.abort();
      },
      failed: (fault: FaultError) => void told.push(fault.message),
    };
    const port = openOwnCluster(kube, { clock, random: () => 0, log: silent });
    const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
    for await (const _note of port.watch(kind, 'label', { signal: stop.signal, contact })) continue;
    expect(told).toEqual(['heard', 'heard', 'connection reset', 'heard']);
    expect(asked).toEqual(['list', 'watch', 'page of 1', 'watch']);
  });
});

describe('a list of the own cluster', () => {
  const query = { apiVersion: 'v1', kind: 'Event', namespace: 'ml', labelSelector: '' };
  const object = (name: string) => ({ apiVersion: 'v1', kind: 'Event', metadata: { name } });

  it('asks for one page where so many objects are enough, and for all of them else', async () => {
    const asked: unknown[] = [];
    const kube = {
      list: () => Promise.resolve({ items: [object('a'), object('b')], resourceVersion: '1' }),
      async *pages({ limit }: { limit?: number }) {
        asked.push(limit);
        yield { items: [object('a')], resourceVersion: '1' };
        asked.push('another page');
        yield { items: [object('b')], resourceVersion: '1' };
      },
    } as unknown as Kube;
    const own = openOwnCluster(kube, { clock: systemClock, random: () => 0, log: silent });
    const { signal } = new AbortController();
    expect(await own.list({ ...query, most: 1 }, signal)).toEqual([object('a')]);
    expect(asked).toEqual([1]);
    expect(await own.list(query, signal)).toEqual([object('a'), object('b')]);
  });
});
