import type { KubeObject } from '@meridian/manifests';
import { phases } from '../forms/phases.ts';
import { at, isRecord, textAt } from '../read.ts';
import { healthy, progressing } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

// Source: the health check of Argo CD for SparkApplication (resource_customizations), written anew; the names of the
// settings are those of Spark ("Dynamic Allocation").

const byState = phases('status.applicationState.state', {
  Healthy: ['COMPLETED'],
  Degraded: ['FAILED', 'SUBMISSION_FAILED', 'FAILING'],
  Missing: ['INVALIDATING'],
  says: 'status.applicationState.errorMessage',
});

/** SparkApplication: its state; one that runs needs the executors that it asks for, a number or a range. */
export function judgeSpark(object: KubeObject, nowMs: number): Verdict {
  if (textAt(object, 'status', 'applicationState', 'state') !== 'RUNNING') return byState(object, nowMs);
  const states = at(object, 'status', 'executorState');
  if (!isRecord(states)) return progressing('no executor is told yet');
  const running = Object.values(states).filter((state) => state === 'RUNNING').length;
  const wanted = at(object, 'spec', 'executor', 'instances');
  const range = rangeOf(object);
  const isFine = wanted === running || isWithin(object, running, { wanted, range });
  return isFine
    ? healthy(`${running} executors run`)
    : progressing(`${running} executors run, others are awaited`);
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function isWithin(
  object: KubeObject,
  running: number,
  { wanted, range }: { readonly wanted: unknown; readonly range: Range | undefined },
): boolean {
  if (range) return running >= range.min && running <= range.max;
  const isFree = at(object, 'spec', 'dynamicAllocation') === undefined && wanted === undefined;
  return isFree && running >= 1;
}

/** How many executors Spark may have when it scales them itself: told in the spec, or in the settings of Spark. */
function rangeOf(object: KubeObject): Range | undefined {
  const own = at(object, 'spec', 'dynamicAllocation');
  if (at(own, 'enabled') === true)
    return { min: bound(at(own, 'minExecutors'), 0), max: bound(at(own, 'maxExecutors'), Infinity) };
  for (const prefix of ['spark.streaming.dynamicAllocation', 'spark.dynamicAllocation']) {
    const setting = (name: string) => at(object, 'spec', 'sparkConf', `${prefix}.${name}`);
    if (setting('enabled') !== 'true') continue;
    return { min: bound(setting('minExecutors'), 0), max: bound(setting('maxExecutors'), Infinity) };
  }
  return undefined;
}

function bound(value: unknown, otherwise: number): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && !Number.isNaN(number) ? number : otherwise;
}
