-- Unknown faces that look alike. A group is named by the id of its first face. MySQL has no ADD COLUMN IF NOT EXISTS, so the
-- statement is made where the key is missing, and the migration can be run again.
SET @ddl = IF(EXISTS (SELECT 1 FROM information_schema.statistics
                      WHERE table_schema = DATABASE() AND table_name = 'faces' AND index_name = 'faces_group'),
              'DO 0',
              'ALTER TABLE faces
                   ADD COLUMN group_id BIGINT UNSIGNED NULL COMMENT ''of an unknown face: the first one that looks like it'',
                   ADD KEY faces_group (outcome, group_id)');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
