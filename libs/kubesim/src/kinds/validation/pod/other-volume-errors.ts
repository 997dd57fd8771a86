import { dnsLabelProblems } from '@meridian/cel';
import { invalid, required } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { isObject, itemsAt, numberAt } from '../../../json.ts';
import type { Json, JsonObject } from '../../../json.ts';
import { between } from '../checks.ts';
import { choice, formed, formedIfAny, given, partOf, textOf } from './forms.ts';
import { descending } from './paths.ts';

type SourceCheck = (source: JsonObject, path: string) => FieldError[];

/** Checks of the volumes of particular storage systems by the name of the source. Most only say what must be there. */
export const otherSources = {
  gitRepo: (source, path) => [
    ...needs('repository')(source, path),
    ...descending(textOf(source, 'directory'), `${path}.directory`),
  ],
  gcePersistentDisk: (source, path) => [
    ...needs('pdName')(source, path),
    ...partitionErrors(source['partition'], path),
  ],
  awsElasticBlockStore: (source, path) => [
    ...needs('volumeID')(source, path),
    ...partitionErrors(source['partition'], path),
  ],
  iscsi: iscsiErrors,
  glusterfs: needs('endpoints', 'path'),
  flocker: flockerErrors,
  rbd: (source, path) => [...needsItems('monitors')(source, path), ...needs('image')(source, path)],
  cinder: (source, path) => [...needs('volumeID')(source, path), ...secretErrors(source, path)],
  cephfs: needsItems('monitors'),
  quobyte: quobyteErrors,
  fc: fibreErrors,
  flexVolume: flexErrors,
  azureFile: needs('secretName', 'shareName'),
  vsphereVolume: needs('volumePath'),
  photonPersistentDisk: needs('pdID'),
  portworxVolume: needs('volumeID'),
  azureDisk: azureDiskErrors,
  storageos: (source, path) => [
    ...needs('volumeName')(source, path),
    ...formedIfAny(textOf(source, 'volumeName'), `${path}.volumeName`, dnsLabelProblems),
    ...formedIfAny(textOf(source, 'volumeNamespace'), `${path}.volumeNamespace`, dnsLabelProblems),
    ...secretErrors(source, path),
  ],
  scaleIO: needs('gateway', 'system', 'volumeName'),
} as const satisfies Readonly<Record<string, SourceCheck>>;

function needs(...fields: readonly string[]): SourceCheck {
  return (source, path) => fields.flatMap((field) => given(textOf(source, field), `${path}.${field}`));
}

function needsItems(field: string): SourceCheck {
  return (source, path) => (itemsAt(source, field).length === 0 ? [required(`${path}.${field}`)] : []);
}

function secretErrors(source: JsonObject, path: string): FieldError[] {
  if (!isObject(source['secretRef'])) return [];
  return given(textOf(source, 'secretRef', 'name'), `${path}.secretRef.name`);
}

function partitionErrors(partition: Json | undefined, path: string): FieldError[] {
  return between(partition, `${path}.partition`, [0, 255]);
}

const initiators: Readonly<Record<string, RegExp>> = {
  iqn: /^iqn\.\d{4}-\d{2}\.([a-zA-Z0-9-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui\.[a-zA-Z0-9]{16}$/,
  naa: /^naa\.[a-zA-Z0-9]{32}$/,
};

function initiatorProblems(name: string): string[] {
  const form = initiators[name.slice(0, 3)];
  if (form === undefined) return ['must be valid format starting with iqn, eui, or naa'];
  return form.test(name) ? [] : ['must be valid format'];
}

function iscsiErrors(source: JsonObject, path: string): FieldError[] {
  const iqn = textOf(source, 'iqn');
  const asks = source['chapAuthDiscovery'] === true || source['chapAuthSession'] === true;
  const initiator = source['initiatorName'];
  return [
    ...needs('targetPortal', 'iqn')(source, path),
    ...formedIfAny(iqn, `${path}.iqn`, initiatorProblems),
    ...between(numberAt(source, 'lun') ?? 0, `${path}.lun`, [0, 255]),
    ...(asks && !isObject(source['secretRef']) ? [required(`${path}.secretRef`)] : []),
    ...(typeof initiator === 'string' ? formed(initiator, `${path}.initiatorname`, initiatorProblems) : []),
  ];
}

function flockerErrors(source: JsonObject, path: string): FieldError[] {
  const [name, uuid] = [textOf(source, 'datasetName'), textOf(source, 'datasetUUID')];
  const errors: FieldError[] = [];
  if (name === '' && uuid === '') {
    errors.push(required(path, 'one of datasetName and datasetUUID is required'));
  }
  if (name !== '' && uuid !== '') {
    const why = 'datasetName and datasetUUID can not be specified simultaneously';
    errors.push(invalid(path, 'resource', why));
  }
  if (name.includes('/')) errors.push(invalid(`${path}.datasetName`, name, "must not contain '/'"));
  return errors;
}

const longestTenant = 64;

function quobyteErrors(source: JsonObject, path: string): FieldError[] {
  const registry = textOf(source, 'registry');
  const pairs = 'must be a host:port pair or multiple pairs separated by commas';
  const errors: FieldError[] = [];
  if (registry === '') errors.push(required(`${path}.registry`, pairs));
  else if (textOf(source, 'tenant').length > longestTenant) {
    const why = 'must be a UUID and may not exceed a length of 64 characters';
    errors.push(required(`${path}.tenant`, why));
  } else {
    const bad = registry.split(',').filter((pair) => !/^([^:[\]]*|\[[^\]]*\]):[^:]*$/.test(pair));
    errors.push(...bad.map(() => invalid(`${path}.registry`, registry, pairs)));
  }
  return [...errors, ...needs('volume')(source, path)];
}

function fibreErrors(source: JsonObject, path: string): FieldError[] {
  const [names, ids] = [itemsAt(source, 'targetWWNs'), itemsAt(source, 'wwids')];
  const errors: FieldError[] = [];
  if (names.length === 0 && ids.length === 0) {
    const why = 'must specify either targetWWNs or wwids, but not both';
    errors.push(required(`${path}.targetWWNs`, why));
  }
  if (names.length > 0 && ids.length > 0) {
    const why = 'targetWWNs and wwids can not be specified simultaneously';
    errors.push(invalid(`${path}.targetWWNs`, [...names], why));
  }
  if (names.length === 0) return errors;
  const lun = numberAt(source, 'lun');
  return lun === undefined
    ? [...errors, required(`${path}.lun`, 'lun is required if targetWWNs is specified')]
    : [...errors, ...between(lun, `${path}.lun`, [0, 255])];
}

function flexErrors(source: JsonObject, path: string): FieldError[] {
  const reserved = Object.keys(partOf(source, 'options')).filter((option) =>
    /(^|\.)(kubernetes|k8s)\.io$/.test(
      (option.includes('/') ? option.split('/')[0] : option)?.toLowerCase() ?? '',
    ),
  );
  const why = 'kubernetes.io and k8s.io namespaces are reserved';
  return [
    ...needs('driver')(source, path),
    ...reserved.map((option) => invalid(`${path}.options[${option}]`, option, why)),
  ];
}

function azureDiskErrors(source: JsonObject, path: string): FieldError[] {
  const kind = textOf(source, 'kind');
  const address = textOf(source, 'diskURI');
  const [start, form] =
    kind === 'Managed'
      ? [
          '/subscriptions/',
          '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}',
        ]
      : ['https://', 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'];
  return [
    ...needs('diskName', 'diskURI')(source, path),
    ...choice(source['cachingMode'], `${path}.cachingMode`, ['None', 'ReadOnly', 'ReadWrite']),
    ...choice(source['kind'], `${path}.kind`, ['Dedicated', 'Managed', 'Shared']),
    ...(address.startsWith(start) ? [] : choice(address, `${path}.diskURI`, [form])),
  ];
}
