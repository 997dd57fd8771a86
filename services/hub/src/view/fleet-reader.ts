import type { FleetReader } from '../api/ports.ts';
import { applicationViews, clusterViews, driftViews, fleetView, rolloutViews } from './fleet-views.ts';
import type { ViewContext } from './fleet-views.ts';
import type { ModelSource } from './view-follower.ts';

/** How long one making of a view of an unchanged fleet may be shown: many askers at once cost one making. */
const freshMs = 50;
/**
 * One that took long is shown for so many times as long, whatever changed meanwhile, and never for longer than a second: those who
 * watch a large fleet may cost the process a fifth of its time, not all of it.
 */
const restTimes = 4;
const longestRestMs = 1_000;

/** Makes views of the present model; `nowMs` is the time that ages are counted to. */
export function fleetReader(
  source: ModelSource,
  context: () => ViewContext,
  nowMs: () => number,
): FleetReader {
  const cached = <T>(make: () => T): (() => T) => {
    let last:
      | { readonly model: object; readonly atMs: number; readonly restMs: number; readonly value: T }
      | undefined;
    return () => {
      const model = source.model();
      const startedAtMs = nowMs();
      if (last && startedAtMs >= last.atMs) {
        const agoMs = startedAtMs - last.atMs;
        if (agoMs < last.restMs || (last.model === model && agoMs < freshMs)) return last.value;
      }
      const value = make();
      const atMs = nowMs();
      const restMs = Math.min(longestRestMs, restTimes * (atMs - startedAtMs));
      last = { model, atMs, restMs, value };
      return value;
    };
  };
  const applications = cached(() => applicationViews(source.model(), context(), nowMs()));
  return {
    fleet: cached(() => fleetView(source.model(), context(), nowMs())),
    clusters: cached(() => clusterViews(source.model(), context(), nowMs())),
    applications,
    application: (name) => applications().find((application) => application.name === name),
    rollouts: cached(() => rolloutViews(source.model(), nowMs())),
    drift: cached(() => driftViews(source.model())),
    onChange: (changed, signal) => source.onChange(changed, signal),
  };
}
