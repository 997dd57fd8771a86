import type { GateView } from '@meridian/fleet';
import type { GateProgress, StageProgress, Target } from '../state.ts';
import { gateOf, sides } from './gate-of.ts';

/** The gates of a stage as the API shows them, in the order in which they are tried; nothing when it has none. */
export function gateViews(target: Target, stage: StageProgress): { readonly gates?: GateView[] } {
  const gates = sides.flatMap((side) =>
    (stage[side] ?? []).flatMap((progress) => {
      const view = viewOf(target, progress);
      return view ? [{ ...view, side }] : [];
    }),
  );
  return gates.length > 0 ? { gates } : {};
}

function viewOf(target: Target, progress: GateProgress): Omit<GateView, 'side'> | undefined {
  const gate = gateOf(target, progress.name);
  if (!gate) return undefined;
  const { name, phase, message, sinceMs, approvals = [] } = progress;
  const shown = { name, kind: gate.kind, phase, message, ...(sinceMs === undefined ? {} : { sinceMs }) };
  if (gate.kind !== 'approval') return shown;
  const { roles, required } = gate;
  const said = approvals.map(({ author, reason, atMs }) => ({ author, reason, atMs }));
  return { ...shown, ...(roles ? { roles } : {}), required, approvals: said };
}
