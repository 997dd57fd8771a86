import { measured, stagesOf } from '../rig/manifests.ts';
import type { SourceMood } from '../rig/metric-source.ts';
import { convergeGoalMs, pause, timed } from './fault.ts';
import type { Fault, Measure, Scene } from './fault.ts';

const passGoalMs = 35_000;

const kinds: readonly { readonly kind: string; readonly moods: readonly SourceMood[] }[] = [
  { kind: 'metrics source down', moods: ['gone', 'silent', 'failing'] },
  { kind: 'metrics source without a number', moods: ['empty', 'not a number'] },
  { kind: 'metrics source stale', moods: ['stale'] },
];

/** The source of metrics that a gate goes by gives no number, an old one, or nothing at all. */
export const metricFaults: readonly Fault[] = kinds.map(({ kind, moods }) => ({
  ...{ kind, row: 'F23', convergeGoalMs },
  strike: (scene: Scene) => mislead(scene, scene.random.pick(moods)),
}));

/** A commit meets a gate while its source is of no use; the gate holds until it answers, which the auditor looks at. */
async function mislead(scene: Scene, mood: SourceMood): Promise<Measure[]> {
  const { author, rig, witness } = scene;
  const clusters = [...rig.clusters.keys()];
  const has = (value: string, which: readonly string[]) => {
    const found = witness.contents();
    return which.every((cluster) => found.get(`${cluster}/${measured}`)?.get('ConfigMap/settings') === value);
  };
  rig.metrics.become(mood);
  let value: string;
  try {
    value = await author.bring(measured);
    const canary = stagesOf(clusters)[0]?.clusters ?? [];
    await timed(scene, () => has(value, canary) && rig.metrics.wasAsked());
    await pause(scene, 2_000, 12_000);
  } finally {
    rig.metrics.become('good');
  }
  const ms = await timed(scene, () => has(value, clusters));
  return [{ what: 'gate passed once there was a number', ms, goalMs: passGoalMs }];
}
