import type { TypeDefaults } from '../../schema/set-defaults.ts';
import { otherDefaults } from './other-defaults.ts';
import { podDefaults } from './pod-defaults.ts';
import { workloadDefaults } from './workload-defaults.ts';

/** Defaults of built-in types by their Go name. */
export const builtInDefaults: Readonly<Record<string, TypeDefaults>> = {
  ...podDefaults,
  ...workloadDefaults,
  ...otherDefaults,
};
