import { expect, it } from 'vitest';
import { imageTag } from './image-tag.ts';

it.each([
  ['nginx', 'latest'],
  ['nginx:1.27', '1.27'],
  ['registry.example:5000/team/app', 'latest'],
  ['registry.example:5000/team/app:v1', 'v1'],
  ['localhost/app', 'latest'],
  [`app@sha256:${'a'.repeat(64)}`, ''],
  [`app:latest@sha256:${'a'.repeat(64)}`, 'latest'],
])('reads the tag of %s as %s', (image, tag) => {
  expect(imageTag(image)).toBe(tag);
});

it.each(['', ' nginx ', 'Team/App', 'team/App', 'app:', 'a'.repeat(64), `app@sha256:${'a'.repeat(63)}`])(
  'finds no tag in %j, which names no image',
  (image) => {
    expect(imageTag(image)).toBe('');
  },
);
