import { stated } from '../forms/conditions.ts';
import { conditionsOf, generationOf, listAt, textAt } from '../read.ts';
import type { Condition } from '../read.ts';
import type { KubeObject } from '@meridian/manifests';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

// Source: the health checks of Argo CD for GitOps Promoter (resource_customizations), written anew. As Argo CD up to 3.5 does,
// a promotion that is going on is waited for; 3.6 calls it Healthy.

/** What tells the kinds apart once Ready is not False. */
interface PromoterRule {
  /** Types that count as Ready; Ready alone unless told. */
  readonly types?: readonly string[];
  /** Whether Ready must be known: Unknown is waited for. */
  readonly mustBeKnown?: true;
  readonly then?: (object: KubeObject) => Verdict;
}

function isOld({ observedGeneration }: Condition, generation: number | undefined): boolean {
  return observedGeneration !== undefined && generation !== undefined && observedGeneration !== generation;
}

function promoter({ types = ['Ready'], mustBeKnown, then }: PromoterRule): Rule {
  return (object) => {
    const generation = generationOf(object);
    const found = conditionsOf(object).filter(({ type }) => types.includes(type));
    for (const one of found) {
      if (isOld(one, generation)) return progressing('its controller has not seen the latest change yet');
      if (one.status === 'False') return degraded(stated(one));
      if (mustBeKnown && one.status === 'Unknown') return progressing(stated(one));
    }
    if (found.length === 0) return progressing('it is not told whether it is ready');
    return then?.(object) ?? healthy('it is ready');
  };
}

/** Gates: a branch whose check failed is Degraded, one that waits is Progressing. */
function judgeBranches(object: KubeObject): Verdict {
  const phases = listAt(object, 'status', 'environments').map((environment) => ({
    branch: textAt(environment, 'branch') || '?',
    phase: textAt(environment, 'phase') || 'pending',
  }));
  const namesOf = (branches: readonly { readonly branch: string }[]) =>
    branches
      .slice(0, 10)
      .map(({ branch }) => branch)
      .join(', ');
  const failed = phases.filter(({ phase }) => phase === 'failure');
  if (failed.length > 0) return degraded(`its check failed for ${namesOf(failed)}`);
  const waiting = phases.filter(({ phase }) => phase !== 'success');
  return waiting.length > 0
    ? progressing(`its check waits for ${namesOf(waiting)}`)
    : healthy('its check has passed');
}

function judgeTransfer(object: KubeObject): Verdict {
  const active = textAt(object, 'status', 'active', 'dry', 'sha');
  const proposed = textAt(object, 'status', 'proposed', 'dry', 'sha');
  if (active === '' || proposed === '')
    return progressing('the active or the proposed commit is not told yet');
  return active === proposed ? healthy('it is up to date') : progressing('a promotion is going on');
}

function judgeStrategy(object: KubeObject): Verdict {
  const environments = listAt(object, 'status', 'environments');
  if (environments.length === 0) return degraded('it has no environments');
  const proposedOf = (environment: unknown) =>
    textAt(environment, 'proposed', 'note', 'drySha') || textAt(environment, 'proposed', 'dry', 'sha');
  const missing = environments.find(
    (environment) => textAt(environment, 'active', 'dry', 'sha') === '' || proposedOf(environment) === '',
  );
  if (missing !== undefined)
    return progressing(`the active or the proposed commit of ${textAt(missing, 'branch')} is not told yet`);
  const isSame = environments.every((environment) => proposedOf(environment) === proposedOf(environments[0]));
  if (!isSame) return progressing('the environments propose different commits');
  const open = environments.find(
    (environment) =>
      textAt(environment, 'proposed', 'dry', 'sha') !== textAt(environment, 'active', 'dry', 'sha'),
  );
  return open === undefined
    ? healthy('all environments are up to date')
    : progressing(`a promotion to ${textAt(open, 'branch')} is going on`);
}

function judgeApplications(object: KubeObject): Verdict {
  const selected = listAt(object, 'status', 'applicationsSelected').length;
  return selected > 0
    ? healthy(`it follows ${selected} applications`)
    : degraded('it follows no application');
}

const gate = promoter({ mustBeKnown: true, then: judgeBranches });
const known = promoter({ mustBeKnown: true });

/** GitOps Promoter. */
export const promoterKinds: KindTable = {
  'promoter.argoproj.io/ArgoCDCommitStatus': promoter({ then: judgeApplications }),
  'promoter.argoproj.io/ChangeTransferPolicy': promoter({ then: judgeTransfer }),
  'promoter.argoproj.io/ClusterScmProvider': known,
  'promoter.argoproj.io/CommitStatus': promoter({}),
  'promoter.argoproj.io/GitCommitStatus': gate,
  'promoter.argoproj.io/GitRepository': known,
  'promoter.argoproj.io/PromotionStrategy': promoter({ then: judgeStrategy }),
  'promoter.argoproj.io/PullRequest': promoter({ types: ['Ready', 'Reconciled'] }),
  'promoter.argoproj.io/ScmProvider': known,
  'promoter.argoproj.io/TimedCommitStatus': gate,
  'promoter.argoproj.io/WebRequestCommitStatus': gate,
};
