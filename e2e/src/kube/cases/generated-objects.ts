import { richObjects } from '../rich-objects.ts';
import { casesWithMistakes } from './random-mistakes.ts';

/** Kinds that make no pods, with random mistakes. */
export const generatedObjectCases = casesWithMistakes(richObjects, {
  creates: 8,
  createSeed: 30_000,
  updates: 4,
  updateSeed: 40_000,
});
