import { richClusterObjects } from '../rich-cluster-objects.ts';
import { casesWithMistakes } from './random-mistakes.ts';

/** Kinds of the cluster and of devices, with random mistakes. */
export const generatedClusterObjectCases = casesWithMistakes(richClusterObjects, {
  creates: 6,
  createSeed: 50_000,
  updates: 4,
  updateSeed: 60_000,
});
