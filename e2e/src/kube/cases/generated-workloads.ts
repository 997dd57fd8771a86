import { richWorkloads } from '../rich-workloads.ts';
import { casesWithMistakes } from './random-mistakes.ts';

/** Kinds that make pods, with random mistakes. */
export const generatedWorkloadCases = casesWithMistakes(richWorkloads, {
  creates: 20,
  createSeed: 10_000,
  updates: 10,
  updateSeed: 20_000,
});
