/** Names without a domain that containers ask for (pkg/apis/core/helper). */
export const standardOfContainers = ['cpu', 'memory', 'ephemeral-storage'];

/** Names of what is counted in whole numbers. */
export const countedResources = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];

/** Names without a domain that quotas may limit. */
export const standardOfQuotas = [
  ...standardOfContainers,
  ...standardOfContainers.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
  ...countedResources,
];

/** Names without a domain that something in Kubernetes counts. */
export const standardResources = [...standardOfQuotas, 'storage'];
