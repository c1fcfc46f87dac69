// The Worker of the chaos test: the whole product, with one more definition. That calls any URL, so the product must not have it.
import './add-task.ts';

export { default, Feed, Limiter } from '../../../src/index.ts';
