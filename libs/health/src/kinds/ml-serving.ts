import { conditions, ready, stated } from '../forms/conditions.ts';
import { present } from '../forms/before.ts';
import { phases } from '../forms/phases.ts';
import { at, conditionsOf, numberAt } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing } from '../verdict.ts';
import { judgeInferenceService, judgeLlmInferenceService } from './kserve.ts';
import { judgeRayService } from './ray.ts';

// KServe: kserve/kserve pkg/apis/serving; Knative: knative.dev/serving pkg/apis/serving/v1; Seldon: machinelearning.seldon.io
// v1; NVIDIA: NIM operator apps.nvidia.com/v1alpha1, GPU operator nvidia.com/v1, Dynamo nvidia.com/v1alpha1.

const wanted = new Set(['ConfigurationsReady', 'RoutesReady', 'Ready']);

/**
 * Service of Knative: its three conditions are True and nothing is False or Unknown. A revision that is scaled to zero has
 * no pods and is not mentioned here: the service stays ready.
 */
const knativeService: Rule = (object) => {
  const found = conditionsOf(object);
  const bad = found.find(({ status }) => status === 'False');
  if (bad) return degraded(stated(bad));
  const waits = found.find(({ status }) => status === 'Unknown');
  if (waits) return progressing(stated(waits));
  return found.filter(({ type, status }) => status === 'True' && wanted.has(type)).length === wanted.size
    ? healthy('the service is ready')
    : progressing('its routes and revisions are not told yet');
};

/** Copies of a model on nodes: one that failed is Degraded, all of them are needed. */
const modelCache: Rule = (object) => {
  const copies = at(object, 'status', 'copies');
  const total = numberAt(copies, ['total'], 0);
  const available = numberAt(copies, ['available'], 0);
  const failed = numberAt(copies, ['failed'], 0);
  if (failed > 0) return degraded(`${failed} of ${total} copies of the model have failed`);
  return copies !== undefined && available === total
    ? healthy(`${available} copies of the model are on their nodes`)
    : progressing(`${available} of ${total} copies of the model are on their nodes`);
};

/** Model serving: KServe, Knative, Ray Serve, Seldon, NVIDIA NIM and Dynamo. */
export const servingKinds: KindTable = {
  'serving.kserve.io/ClusterServingRuntime': present,
  'serving.kserve.io/ClusterStorageContainer': present,
  'serving.kserve.io/InferenceGraph': ready,
  'serving.kserve.io/InferenceService': judgeInferenceService,
  'serving.kserve.io/LLMInferenceService': judgeLlmInferenceService,
  'serving.kserve.io/LLMInferenceServiceConfig': present,
  'serving.kserve.io/LocalModelCache': modelCache,
  'serving.kserve.io/ServingRuntime': present,
  'serving.kserve.io/TrainedModel': conditions(
    ['FrameworkSupported=False', 'Degraded'],
    ['MemoryResourceAvailable=False', 'Degraded'],
    ['IsMMSPredictor=False', 'Degraded'],
    ['Ready=True', 'Healthy'],
  ),
  'serving.knative.dev/Configuration': ready,
  'serving.knative.dev/DomainMapping': ready,
  'serving.knative.dev/Revision': ready,
  'serving.knative.dev/Route': ready,
  'serving.knative.dev/Service': knativeService,
  'ray.io/RayService': judgeRayService,
  'machinelearning.seldon.io/SeldonDeployment': phases('status.state', {
    Healthy: ['Available'],
    Degraded: ['Failed'],
    says: 'status.description',
  }),
  'mlops.seldon.io/Model': ready,
  'apps.nvidia.com/NIMCache': phases('status.state', { Healthy: ['Ready'], Degraded: ['Failed'] }),
  'apps.nvidia.com/NIMService': phases('status.state', { Healthy: ['Ready'], Degraded: ['Failed'] }),
  'nvidia.com/ClusterPolicy': phases('status.state', { Healthy: ['ready', 'ignored', 'disabled'] }),
  'nvidia.com/DynamoGraphDeployment': phases('status.state', {
    Healthy: ['successful'],
    Degraded: ['failed'],
  }),
};
