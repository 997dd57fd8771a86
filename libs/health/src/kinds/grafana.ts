import { byConditions, stated } from '../forms/conditions.ts';
import { at, conditionsOf, textAt } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing } from '../verdict.ts';

// Source: the health checks of Argo CD for the Grafana operator (resource_customizations), written anew.

const grafana: Rule = (object) => {
  const stage = textAt(object, 'status', 'stage');
  const result = textAt(object, 'status', 'stageStatus');
  if (result === 'failed') return degraded(`it failed at stage ${stage}`);
  return stage === 'complete' && result === 'success'
    ? healthy('all stages are complete')
    : progressing(stage ? `at stage ${stage}` : 'no stage is told yet');
};

const datasource: Rule = (object) => {
  if (at(object, 'status') === undefined || at(object, 'status', 'uid') === '')
    return progressing('the data source is not made yet');
  return at(object, 'status', 'NoMatchingInstances') === true
    ? degraded('no Grafana matches it')
    : healthy('the data source is there');
};

/** FolderUIDMismatch is bad when True, every other condition when False. */
const folder: Rule = (object) => {
  const found = conditionsOf(object);
  const bad = found.find(({ type, status }) => status === (type === 'FolderUIDMismatch' ? 'True' : 'False'));
  if (bad) return degraded(stated(bad));
  return found.some(({ status }) => status === 'True')
    ? healthy('the folder is there')
    : progressing('the folder is not made yet');
};

/** Grafana operator. */
export const grafanaKinds: KindTable = {
  'grafana.integreatly.org/Grafana': grafana,
  'grafana.integreatly.org/GrafanaDashboard': byConditions({
    passes: [[['*=False', 'Degraded']], [['*=True', 'Healthy']]],
  }),
  'grafana.integreatly.org/GrafanaDatasource': datasource,
  'grafana.integreatly.org/GrafanaFolder': folder,
};
