// The page of files: uploads, and outputs of tasks.
import { api, fileUrl, isPicture, type StoredFile } from '../api.ts';
import { bytes } from '../format.ts';
import { useLive } from '../live.ts';
import { Command, curlUpload } from '../parts/copy.tsx';
import { Icon } from '../parts/icon.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { IN_ORDER, Pager } from '../parts/pager.tsx';
import { Empty } from '../parts/states.tsx';
import { Still } from '../parts/still.tsx';
import { Time } from '../parts/time.tsx';
import { setQuery, to, usePlace } from '../router.ts';

const PAGE_SIZE = '48';
/** Sorted by file key. The file keys of uploads begin with their time. */
const PREFIXES = [
  { prefix: 'uploads', title: 'Uploads', about: 'Uploaded files, oldest first.' },
  { prefix: 'outputs', title: 'Outputs', about: 'Files that tasks wrote, by name.' },
] as const;

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
        <fieldset class="segments" aria-label="Kind of files">
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
        {(page) => (
          <Still page={page} idOf={({ file }) => file}>
            {({ items, next_cursor }) =>
              items.length === 0 ? (
                <Empty icon="files" title="No files yet">
                  <p>Upload a picture. A task then makes its thumbnail:</p>
                  <Command text={curlUpload('/upload/image', 'photo.jpg')} />
                </Empty>
              ) : (
                <>
                  <ul class="files">
                    {items.map((file) => (
                      <FileCard key={file.file} file={file} />
                    ))}
                  </ul>
                  <Pager next={next_cursor} shown={items.length} noun="file" labels={IN_ORDER} />
                </>
              )
            }
          </Still>
        )}
      </Loaded>
    </Page>
  );
}

function FileCard({ file }: { file: StoredFile }) {
  return (
    <li class="file">
      <a href={to(`/files/${encodeURIComponent(file.file)}`)}>
        <span class="file-face">
          {isPicture(file.file, file.content_type) ? (
            <img src={fileUrl(file.file)} alt="" loading="lazy" />
          ) : (
            <Icon name="files" />
          )}
        </span>
        <span class="file-name">{file.filename || file.file}</span>
      </a>
      <span class="quiet">
        {bytes(file.size)} · <Time at={file.uploaded_at} />
      </span>
    </li>
  );
}
