import type { DoctorView } from '@meridian/fleet';
import type { Jail } from '@meridian/helm';
import { z } from 'zod';
import type { ChartsState } from './chart-desk.ts';

type Check = DoctorView['checks'][number];

/** What a hub says of its helm when the roll is called; null without one. */
export interface HubHelm {
  readonly hub: string;
  readonly helm: string | null;
}

const hubHelm = z.object({ hub: z.string().max(200), helm: z.string().max(200).nullable() });

/** What a hub answers to a roll call. */
export function helmOf(hub: string, state: ChartsState): HubHelm {
  return { hub, helm: state.kind === 'ready' ? state.version : null };
}

/** The answers of a roll call that can be read: a hub of another version may say something else. */
export function hubHelms(answers: readonly unknown[]): readonly HubHelm[] {
  return answers.flatMap((answer) => hubHelm.safeParse(answer).data ?? []);
}

/** Looks at the helm of this hub, and at whether all hubs have the same one: another may give other objects. */
export function checkCharts(state: ChartsState, hubs: readonly HubHelm[]): Check {
  const name = 'charts';
  if (state.kind === 'broken')
    return {
      name,
      ok: false,
      message: `charts are not rendered: ${state.message}`,
      fix: `let ${state.program} run on this hub, or name another with MERIDIAN_HELM`,
    };
  if (new Set(hubs.map(({ helm }) => helm)).size > 1)
    return {
      name,
      ok: false,
      message: `hubs have different helms: ${hubs.map(helmText).sort().join(', ')}`,
      fix: 'give all hubs the same helm: a chart may give other objects when another hub leads',
    };
  return { name, ok: true, message: stateText(state) };
}

function stateText(state: Exclude<ChartsState, { kind: 'broken' }>): string {
  if (state.kind === 'missing') return 'there is no helm, so applications with charts are refused';
  if (state.kind === 'opening') return 'helm is being looked for';
  return `helm ${state.version} renders charts, ${jailText(state.jail)}`;
}

function helmText({ hub, helm }: HubHelm): string {
  return `${hub} ${helm ?? 'none'}`;
}

function jailText({ files, network, memory }: Jail): string {
  const held = [
    ...(network ? ['without network'] : []),
    ...(files ? ['without other files'] : []),
    ...(memory ? ['within its memory'] : []),
  ];
  return held.length === 0 ? 'in no jail but limits of time and output' : held.join(', ');
}
