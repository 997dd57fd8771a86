import { byConditions, conditions } from '../forms/conditions.ts';
import { phases } from '../forms/phases.ts';
import type { KindTable } from '../rule.ts';
import { fluxRule } from './flux-rule.ts';
import { judgeArgoRollout } from './argo-rollout.ts';

// Source: the health checks of Argo CD for these groups, written anew (resource_customizations; Workflow: gitops-engine).

const analysis = phases('status.phase', {
  Healthy: ['Successful'],
  Degraded: ['Failed', 'Error'],
  Unknown: ['Inconclusive'],
  says: 'status.message',
});

const source = fluxRule({ done: ['Ready', 'ArtifactInStorage'] });

/** GitOps and delivery: Argo CD, Argo Rollouts and Workflows, Flux, Flagger, Tekton, kro. */
export const gitopsKinds: KindTable = {
  'argoproj.io/AnalysisRun': analysis,
  'argoproj.io/Application': phases('status.health.status', {
    Healthy: ['Healthy'],
    Degraded: ['Degraded'],
    Suspended: ['Suspended'],
    Missing: ['Missing'],
    Unknown: ['Unknown'],
    says: 'status.health.message',
  }),
  'argoproj.io/ApplicationSet': byConditions({
    passes: [
      [['ErrorOccurred=True', 'Degraded']],
      [['ResourcesUpToDate=False', 'Degraded']],
      [['RolloutProgressing=True', 'Progressing']],
      [['ResourcesUpToDate=True', 'Healthy']],
    ],
  }),
  'argoproj.io/CronWorkflow': byConditions({
    passes: [
      [
        ['SpecError=True', 'Degraded'],
        ['SubmissionError=True', 'Degraded'],
        ['Completed=True', 'Healthy'],
      ],
    ],
    otherwise: 'Healthy',
  }),
  'argoproj.io/EventBus': conditions(['Deployed=False', 'Degraded'], ['Deployed=True', 'Healthy']),
  'argoproj.io/Experiment': phases('status.phase', {
    Healthy: ['Successful'],
    Degraded: ['Failed', 'Error'],
    says: 'status.message',
  }),
  'argoproj.io/Rollout': judgeArgoRollout,
  'argoproj.io/Workflow': phases('status.phase', {
    Progressing: ['', 'Pending', 'Running'],
    Healthy: ['Succeeded'],
    Degraded: ['Failed', 'Error'],
    otherwise: 'Unknown',
    says: 'status.message',
  }),
  'flagger.app/Canary': phases('status.phase', {
    Healthy: ['Succeeded', 'Initialized'],
    Progressing: ['Progressing', 'Finalising', 'Promoting'],
    Degraded: ['Failed'],
    otherwise: 'Unknown',
    absent: 'Unknown',
  }),
  'helm.toolkit.fluxcd.io/HelmRelease': fluxRule({ done: ['Ready', 'Released', 'TestSuccess'], needed: 2 }),
  'image.toolkit.fluxcd.io/ImagePolicy': fluxRule({
    waiting: 'False',
    reconciling: ['NewGeneration', 'AccessingRepository', 'ApplyingPolicy'],
    neverSuspended: true,
  }),
  'image.toolkit.fluxcd.io/ImageRepository': fluxRule({
    waiting: 'False',
    reconciling: ['NewGeneration', 'Scanning'],
  }),
  'image.toolkit.fluxcd.io/ImageUpdateAutomation': fluxRule({}),
  'kustomize.toolkit.fluxcd.io/Kustomization': fluxRule({}),
  'notification.toolkit.fluxcd.io/Receiver': fluxRule({ waiting: 'never' }),
  'source.toolkit.fluxcd.io/Bucket': source,
  'source.toolkit.fluxcd.io/GitRepository': source,
  'source.toolkit.fluxcd.io/HelmChart': source,
  'source.toolkit.fluxcd.io/HelmRepository': fluxRule({ done: ['Ready', 'ArtifactInStorage'], isOci: true }),
  'source.toolkit.fluxcd.io/OCIRepository': source,
  'tekton.dev/PipelineRun': conditions(['Succeeded=True', 'Healthy'], ['Succeeded=False', 'Degraded']),
  'tekton.dev/TaskRun': conditions(['Succeeded=True', 'Healthy'], ['Succeeded=False', 'Degraded']),
};
