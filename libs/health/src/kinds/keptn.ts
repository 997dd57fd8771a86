import { phases } from '../forms/phases.ts';
import { at, textAt } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing } from '../verdict.ts';

// Source: the health checks of Argo CD for Keptn (resource_customizations), written anew.

const words = { Healthy: ['Succeeded'], Degraded: ['Failed'] } as const;
const run = phases('status.status', words);

const analysis: Rule = (object) => {
  const pass = at(object, 'status', 'pass');
  if (pass === true) return healthy('the analysis has passed');
  if (at(object, 'status', 'warning') === true) return healthy('the analysis has passed with a warning');
  return pass === false ? degraded('the analysis has failed') : progressing('the analysis is not done yet');
};

const metric: Rule = (object) => {
  const problem = textAt(object, 'status', 'errMsg');
  if (problem !== '') return degraded(problem);
  return at(object, 'status', 'value') === undefined
    ? progressing('the metric has no value yet')
    : healthy('the metric has a value');
};

/** Keptn. */
export const keptnKinds: KindTable = {
  'lifecycle.keptn.sh/KeptnAppVersion': run,
  'lifecycle.keptn.sh/KeptnEvaluation': phases('status.overallStatus', words),
  'lifecycle.keptn.sh/KeptnTask': run,
  'lifecycle.keptn.sh/KeptnWorkloadInstance': run,
  'lifecycle.keptn.sh/KeptnWorkloadVersion': run,
  'metrics.keptn.sh/Analysis': analysis,
  'metrics.keptn.sh/KeptnMetric': metric,
};
