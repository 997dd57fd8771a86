import type { ApplicationView, GateView, RolloutView } from '@meridian/fleet';
import type { Printer } from './output.ts';
import { oneLine, shortId } from './text.ts';

/** Applications that stay at another release than git says: what a reader of git would take for deployed. */
export function drawPins({ paint, raw }: Printer, applications: readonly ApplicationView[]): void {
  for (const { name, rollout } of applications) {
    if (!rollout?.pin) continue;
    const { release, revision, reason, author } = rollout.pin;
    const git = `git says release ${shortId(release)} (revision ${shortId(revision)})`;
    raw(
      `\n${paint('busy', 'pinned')} ${oneLine(`${name}: ${git}; left by ${author ?? 'the hub'}: ${reason}`)}\n`,
    );
    raw(
      `  ${oneLine(`meridian rollout start ${name} --reason "…"`)} begins it again; a newer commit ends the pin\n`,
    );
  }
}

/** The open gates of a rollout that people decide, with their stages. */
export function peoplesGates({ stages }: RolloutView): { readonly stage: string; readonly gate: GateView }[] {
  return stages.flatMap(({ name, gates = [] }) =>
    gates
      .filter(({ kind, phase }) => kind === 'approval' && phase === 'open')
      .map((gate) => ({ stage: name, gate })),
  );
}

/** Gates that wait for people, and how they are answered. */
export function drawGates({ paint, raw }: Printer, applications: readonly ApplicationView[]): void {
  for (const { name, rollout } of applications) {
    for (const { stage, gate } of rollout ? peoplesGates(rollout) : []) {
      const said = `${name}: gate ${gate.name} of stage ${stage} ${gate.message}`;
      raw(`\n${paint('busy', 'gate')} ${oneLine(said)}\n`);
      raw(`  ${oneLine(`meridian rollout approve ${name} --gate ${gate.name} --reason "…"`)}, or reject\n`);
    }
  }
}
