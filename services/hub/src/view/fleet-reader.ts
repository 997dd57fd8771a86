import type { FleetReader } from '../api/ports.ts';
import { applicationViews, clusterViews, driftViews, fleetView, rolloutViews } from './fleet-views.ts';
import type { ViewContext } from './fleet-views.ts';
import type { ModelSource } from './view-follower.ts';

/** How long one making of the views may be shown: many askers at once cost one making. */
const freshMs = 50;

/** Makes views of the present model; `nowMs` is the time that ages are counted to. */
export function fleetReader(
  source: ModelSource,
  context: () => ViewContext,
  nowMs: () => number,
): FleetReader {
  const cached = <T>(make: () => T): (() => T) => {
    let last: { readonly model: object; readonly atMs: number; readonly value: T } | undefined;
    return () => {
      const model = source.model();
      const atMs = nowMs();
      if (last && last.model === model && atMs >= last.atMs && atMs - last.atMs < freshMs) return last.value;
      last = { model, atMs, value: make() };
      return last.value;
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
