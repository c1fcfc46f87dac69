// Workflows to begin with in a form. Every deployment has their tasks.

const validate = (day: string, region: string) => ({ name: 'data.validate', input: { data: { day, region } } });

const DAY = '{{scheduled_date}}';
const north = validate(DAY, 'north');
const south = validate(DAY, 'south');

export const WORKFLOW_EXAMPLES: Record<'Chain' | 'Group' | 'Chord' | 'Graph', object> = {
  Chain: { chain: [north, { name: 'data.process' }, { name: 'data.save' }] },
  Group: { group: [north, south] },
  Chord: { chord: { header: [north, south], body: { name: 'canvas.gather' } } },
  Graph: {
    tags: ['etl'],
    dag: {
      north,
      south,
      both: { name: 'canvas.gather_named', after: ['north', 'south'] },
      repair: { ...validate(DAY, 'all'), immutable: true, after: ['north', 'south'], when: 'one_failed' },
    },
  },
};
