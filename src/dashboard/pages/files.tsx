// The files: what was uploaded, and what tasks wrote.
import { api, fileUrl, type StoredFile } from '../api.ts';
import { bytes } from '../format.ts';
import { useLive } from '../live.ts';
import { Command, curlUpload } from '../parts/copy.tsx';
import { Icon } from '../parts/icon.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { Empty } from '../parts/states.tsx';
import { Time } from '../parts/time.tsx';
import { setQuery, usePlace } from '../router.ts';

const PAGE_SIZE = '48';
/** In the order of their keys: those of uploads begin with the time. */
const PREFIXES = [
  { prefix: 'uploads', title: 'Uploads', about: 'What was uploaded, oldest first.' },
  { prefix: 'outputs', title: 'Outputs', about: 'What tasks wrote, by name.' },
] as const;
const PAGER = { first: 'First', back: 'Back', next: 'Next' };

export function Files() {
  const { query } = usePlace();
  const prefix = query.get('prefix') === 'outputs' ? 'outputs' : 'uploads';
  const cursor = query.get('cursor');
  const live = useLive(
    (signal) => api.files({ limit: PAGE_SIZE, prefix, ...(cursor && { cursor }) }, signal),
    [prefix, cursor],
    { atMostEvery: 10 },
  );
  return (
    <Page
      title="Files"
      about={PREFIXES.find((one) => one.prefix === prefix)?.about}
      actions={
        <fieldset class="segments" aria-label="Which files">
          {PREFIXES.map(({ prefix: one, title }) => (
            <button
              type="button"
              key={one}
              aria-pressed={prefix === one}
              onClick={() => setQuery({ prefix: one === 'uploads' ? undefined : one, cursor: undefined })}
            >
              {title}
            </button>
          ))}
        </fieldset>
      }
    >
      <Loaded live={live}>
        {({ items, next_cursor }) =>
          items.length === 0 ? (
            <Empty icon="files" title="No files here">
              <p>Upload a picture; a task makes its thumbnail:</p>
              <Command text={curlUpload('/upload/image', 'photo.jpg')} />
            </Empty>
          ) : (
            <>
              <ul class="files">
                {items.map((file) => (
                  <FileCard key={file.file} file={file} />
                ))}
              </ul>
              <Pager next={next_cursor} shown={items.length} what="file" labels={PAGER} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

/** Pictures that somebody uploaded are not shown: only what this project wrote is known to be one. */
function FileCard({ file }: { file: StoredFile }) {
  const picture = file.file.startsWith('outputs/') && file.content_type.startsWith('image/');
  return (
    <li class="file">
      <a href={fileUrl(file.file)} target="_blank" rel="noreferrer">
        <span class="file-face">
          {picture ? <img src={fileUrl(file.file)} alt="" loading="lazy" /> : <Icon name="files" />}
        </span>
        <span class="file-name">{file.filename || file.file}</span>
      </a>
      <span class="quiet">
        {bytes(file.size)} · <Time at={file.uploaded_at} />
      </span>
    </li>
  );
}
