import { errorText } from '@meridian/runtime';
import { apiFaults, measureApiFault } from './api-faults.ts';
import { rowOf } from './row.ts';
import type { FaultRow } from './row.ts';
import { measureWatch, watchStories } from './watch-faults.ts';

/** How long each fault of the API server lasts, and which are measured. */
export interface MeasureOptions {
  readonly seconds: number;
  /** Only faults whose name contains this; all unless told. */
  readonly only?: string | undefined;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** Figures that other commands measure: they take long, or a machine with nothing else on it. */
export const measuredElsewhere: readonly string[] = [
  'start over 10,000 objects (memory, event loop): npm run bench -- agent',
  'kill -9 between any two calls: npm run chaos -- agent --kills 500',
];

/**
 * Measures agents under all faults at the same time, each on a simulated API server of its own. What breaks a measurement is
 * a row that is not met, with its reason told to `progress`.
 */
export async function measureFaults(options: MeasureOptions): Promise<readonly FaultRow[]> {
  const { seconds, only = '', signal, progress } = options;
  const stories = [
    ...apiFaults.map((fault) => ({
      name: fault.name,
      measure: () => measureApiFault(fault, seconds, signal),
    })),
    ...watchStories.map((story) => ({
      name: `watch: ${story.name}`,
      measure: () => measureWatch(story, signal),
    })),
  ].filter(({ name }) => name.includes(only));
  const rows = await Promise.all(
    stories.map(async ({ name, measure }) => {
      try {
        return await measure();
      } catch (error) {
        progress(`${name}: ${errorText(error)}`);
        return [rowOf({ fault: name, figure: 'measured', value: undefined, unit: 'times', goal: 1 })];
      } finally {
        progress(`${name}: done`);
      }
    }),
  );
  return rows.flat();
}
