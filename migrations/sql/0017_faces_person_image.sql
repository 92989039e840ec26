-- The images that somebody was identified in, in the order of their ids, from the index alone. MySQL has no ADD KEY IF NOT
-- EXISTS, so the statement is made where the key is missing, and the migration can be run again.
SET @ddl = IF(EXISTS (SELECT 1 FROM information_schema.statistics
                      WHERE table_schema = DATABASE() AND table_name = 'faces' AND index_name = 'faces_person_image'),
              'DO 0', 'ALTER TABLE faces ADD KEY faces_person_image (person_id, outcome, image_id)');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
